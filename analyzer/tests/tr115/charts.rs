use crate::{Files, published};
use analyzer::charts::tr115::draw_all;
use analyzer::tr115::reading::read;
use analyzer::tr115::{MARGIN, load};

#[test]
fn every_chart_says_what_it_shows_on_an_opaque_ground() {
    let study = load(&published()).unwrap();
    let charts = draw_all(&read(&study, MARGIN).unwrap()).unwrap();
    assert_eq!(
        charts.iter().map(|c| c.file).collect::<Vec<_>>(),
        ["identity.svg", "efficiency.svg", "first-token.svg"]
    );
    for chart in charts {
        let id = |part: &str| format!("<{part} id=\"{}-{part}\">", chart.file.trim_end_matches(".svg"));
        assert!(chart.svg.contains(&id("title")) && chart.svg.contains(&id("desc")), "{}", chart.file);
        assert!(chart.svg.contains("fill=\"#FFFFFF\""), "{}", chart.file);
        assert!(!chart.caption.is_empty() && !chart.caption.contains("Drawn are"));
    }
}

#[test]
fn many_names_are_drawn_up_to_a_number_that_is_told() {
    let mut files = Files::published();
    files.both(|table| {
        let (runtime, index) = (table.column("runtime"), table.column("run_index"));
        for row in &mut table.rows {
            row[runtime] = format!("{}-with-a-very-long-name-{}", row[runtime], row[index]);
        }
    });
    let study = files.study();
    let charts = draw_all(&read(&study, MARGIN).unwrap()).unwrap();
    for chart in charts {
        assert!(chart.caption.contains("Drawn are the first 8 of 25 runtimes."), "{}", chart.caption);
    }
}
