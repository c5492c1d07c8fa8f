//! Letters, cards and certificates of professional status, as other programs and scanners see them.

mod layout;
mod office;
mod paper;
mod programs;
mod status;
