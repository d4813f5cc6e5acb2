//! The endpoints below `/v1/doctor`: their paths, and the methods that each takes.

/// The endpoint that a probe is sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) enum Probe {
    Facts,
    Echo,
    Frames,
    Silence,
    Lifetime,
    Whole,
    Cut,
    Once,
    Leave,
    Left,
    Hold,
    Report,
}

impl Probe {
    /// Every path with its probe.
    pub(in crate::http) const PATHS: [(&str, Self); 12] = [
        ("/v1/doctor", Self::Facts),
        ("/v1/doctor/echo", Self::Echo),
        ("/v1/doctor/frames", Self::Frames),
        ("/v1/doctor/silence", Self::Silence),
        ("/v1/doctor/lifetime", Self::Lifetime),
        ("/v1/doctor/whole", Self::Whole),
        ("/v1/doctor/cut", Self::Cut),
        ("/v1/doctor/once/{id}", Self::Once),
        ("/v1/doctor/leave/{id}", Self::Leave),
        ("/v1/doctor/left/{id}", Self::Left),
        ("/v1/doctor/hold", Self::Hold),
        ("/v1/doctor/report", Self::Report),
    ];

    pub(in crate::http) const fn methods(self) -> &'static str {
        match self {
            Self::Echo => "GET, HEAD, POST, OPTIONS",
            Self::Report => "POST, OPTIONS",
            _ => "GET, HEAD, OPTIONS",
        }
    }
}
