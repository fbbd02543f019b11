//! One read through recvmsg, with the stamp that the kernel gave the packet.

use nix::cmsg_space;
use nix::sys::socket::{
    ControlMessageOwned, MsgFlags, TimestampingFlag, Timestamps, recvmsg, setsockopt, sockopt,
};
use std::io::{self, IoSliceMut};
use std::net::{Ipv4Addr, UdpSocket};
use std::os::fd::{AsFd, AsRawFd};
use std::task::{Poll, ready};

/// Room for the one control message that comes: three times (software, unused, hardware).
pub(super) fn control_buffer() -> Vec<u8> {
    let mut buffer = cmsg_space!(Timestamps);
    buffer.resize(buffer.capacity(), 0);
    buffer
}

/// Makes the kernel stamp what this socket receives and hand the stamps to recvmsg. A kernel without SO_TIMESTAMPING gives
/// none: the delays stay empty, and the trial is as good otherwise; [`keep_stamping`] has told.
pub fn ask_for_stamps(socket: &impl AsFd) {
    let _ = set_timestamping(socket);
}

fn set_timestamping(socket: &impl AsFd) -> io::Result<()> {
    let flags = TimestampingFlag::SOF_TIMESTAMPING_RX_SOFTWARE | TimestampingFlag::SOF_TIMESTAMPING_SOFTWARE;
    setsockopt(socket, sockopt::Timestamping, &flags).map_err(io::Error::from)
}

/// Keeps the kernel's stamping switched on while it lives. The kernel stamps packets only while some socket of the machine
/// asks for it, and switches that on a little later than it is asked (`net_enable_timestamp`): without this one socket the
/// first packets of a trial's connections could come unstamped.
///
/// # Errors
/// The kernel knows no SO_TIMESTAMPING.
pub(crate) fn keep_stamping() -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    set_timestamping(&socket)?;
    Ok(socket)
}

/// A read to be made when the socket is readable.
pub struct Receive<'a> {
    pub(super) bytes: &'a mut [u8],
    pub(super) control: &'a mut [u8],
    /// CLOCK_REALTIME of the last byte received; `None` where the kernel gave no stamp.
    pub(super) stamp_ns: Option<u64>,
}

impl Receive<'_> {
    /// Bytes that this read takes at most.
    pub fn room(&self) -> usize {
        self.bytes.len()
    }

    /// Reads without waiting. Returns the number of bytes, 0 at the end of the stream.
    ///
    /// # Errors
    /// `WouldBlock` where nothing is there; what the socket says otherwise.
    pub fn read(&mut self, socket: &impl AsFd) -> io::Result<usize> {
        let mut slices = [IoSliceMut::new(self.bytes)];
        let fd = socket.as_fd().as_raw_fd();
        let message = recvmsg::<()>(fd, &mut slices, Some(self.control), MsgFlags::MSG_DONTWAIT)?;
        self.stamp_ns = message.cmsgs().ok().and_then(|mut messages| messages.find_map(software_stamp_ns));
        Ok(message.bytes)
    }

    /// Reads, and waits by `ready` after each `WouldBlock`: for reactors whose own reads try first.
    pub fn read_or_wait(
        &mut self,
        socket: &impl AsFd,
        mut ready: impl FnMut() -> Poll<io::Result<()>>,
    ) -> Poll<io::Result<usize>> {
        loop {
            match self.read(socket) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => ready!(ready())?,
                done => return Poll::Ready(done),
            }
        }
    }
}

fn software_stamp_ns(message: ControlMessageOwned) -> Option<u64> {
    let ControlMessageOwned::ScmTimestampsns(stamps) = message else { return None };
    let stamp = stamps.system;
    let ns = u64::try_from(stamp.tv_sec()).ok()?.checked_mul(1_000_000_000)?
        + u64::try_from(stamp.tv_nsec()).ok()?;
    // The kernel writes zeros for a time that it does not have.
    (ns > 0).then_some(ns)
}
