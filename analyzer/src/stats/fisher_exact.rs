//! Fisher's exact test: does something happen more often here than there?

use statrs::distribution::{DiscreteCDF, Hypergeometric};

/// `hits` of `n`, at most `n`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// How often it happened.
    pub hits: usize,
    /// How often it could have.
    pub n: usize,
}

/// One-sided p of "more often here than there": the chance that as many of all hits as `here` has, or more, fall on it,
/// if every trial is as likely as any other (Fisher 1935). 1 without a trial on one of the sides.
pub fn more_often(here: Share, there: Share) -> f64 {
    let (all, hits) = (here.n + there.n, here.hits + there.hits);
    if here.n == 0 || there.n == 0 || here.hits == 0 {
        return 1.0;
    }
    let null = Hypergeometric::new(all as u64, hits as u64, here.n as u64);
    null.map_or(1.0, |null| null.sf(here.hits as u64 - 1)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn p(here: (usize, usize), there: (usize, usize)) -> f64 {
        let share = |(hits, n)| Share { hits, n };
        more_often(share(here), share(there))
    }

    #[test]
    fn it_is_that_of_scipy() {
        // scipy 1.17, fisher_exact([[3, 9], [0, 12]], alternative="greater"), and so on.
        for (here, there, expected) in [
            ((3, 12), (0, 12), 0.108_695_652_173_913_03),
            ((3, 12), (0, 72), 0.002_308_887_116_409_89),
            ((6, 12), (0, 12), 0.006_864_988_558_352_402),
            ((5, 20), (3, 40), 0.072_945_192_471_454_27),
            ((1, 12), (4, 12), 0.981_366_459_627_329_3),
        ] {
            assert!((p(here, there) - expected).abs() < 1e-12, "{here:?} {there:?}: {}", p(here, there));
        }
    }

    #[test]
    fn nothing_is_no_evidence() {
        assert_eq!(p((0, 12), (0, 12)), 1.0);
        assert_eq!(p((3, 12), (0, 0)), 1.0);
        assert_eq!(p((12, 12), (12, 12)), 1.0);
    }
}
