//! Participants of surveys.

/// A participant of a survey (`redcap-api.md` §3.25).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Participant {
    /// The address; blank where responses are anonymous.
    pub email: String,
    /// The identifier given with the address.
    pub identifier: String,
    /// The record, on newer servers.
    pub record: String,
    /// An invitation was sent.
    pub invitation_sent: bool,
    /// The next **scheduled** invitation; blank once it was sent.
    pub next_invitation: String,
    /// 0 no response, 1 partial, 2 complete.
    pub response_status: u8,
    /// The code with which the survey is started.
    pub survey_access_code: String,
    /// The link to the survey.
    pub survey_link: String,
    /// The link to the survey queue, if it is on.
    pub survey_queue_link: String,
}
