//! The pure state machine of a run: no lock, no atomic, no future in it.
//!
//! Every transition says what its caller has to do next. Who owns the run's future
//! in which phase is the heart of it: see `PROTOCOL.md`.

#[cfg(test)]
mod tests;

/// Where a run is between its creation and its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Phase {
    /// Waits for a wake. The future is in the flight.
    Idle,
    /// Woken, in the queue of its ready set. The future is in the flight.
    Queued,
    /// Somebody polls it and has the future on his stack.
    Polling,
    /// The same, and it was woken meanwhile: it goes back to the queue.
    Woken,
    /// Somebody drops the future: its destructor has begun. Newcomers wait for the end
    /// of that.
    Dropping,
    /// It has an outcome. The future is gone.
    Settled,
    /// It was dropped before it had an outcome.
    Dropped,
}

/// A run's phase, and who is interested in it.
#[derive(Debug)]
pub(crate) struct State {
    phase: Phase,
    callers: usize,
    /// So many of the callers only keep it from being dropped.
    pins: usize,
    /// Its context was cancelled: nobody revives it.
    killed: bool,
}

#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wake {
    /// Push it to its ready set.
    Enqueue,
    /// Somebody else will see to it, or nobody needs to.
    Nothing,
}

#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    /// It is ours to poll: take the future.
    Poll,
    /// It is not queued any more: skip it.
    Stale,
}

#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Release {
    /// Put the future back; a wake will come.
    Rest,
    /// Put the future back and push the run to its ready set.
    Enqueue,
    /// Put the future back; nobody wants it: bury the run.
    Bury,
}

#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Join {
    /// One caller more.
    Joined,
    /// One caller more, of a run that nobody wanted and whose turn to be polled may have
    /// been passed over: push it to its ready set.
    Revived,
    /// Its outcome is there.
    Settled,
    /// It was dropped: look the call up again.
    Dropped,
    /// Its context was cancelled.
    Cancelled,
}

#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Leave {
    /// Others are interested, or see to its end.
    Nothing,
    /// The last one left: bury the run.
    Bury,
    /// The last one left, and the executor took his place: hand the run over.
    HandOver,
    /// The same, until the work that keeps the run from being dropped is done.
    Lend,
}

#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Pin {
    /// Somebody is interested besides.
    Shared,
    /// Nobody is, and the executor took a place among the callers: lend it the run, and, if
    /// that is revived, push it to its ready set.
    Lend { revived: bool },
}

/// What a burial does when it is that run's turn.
#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Doom {
    /// Take the future and drop it.
    Drop,
    /// Somebody wants it again, has its future, or has seen to its end.
    Spare,
}

#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Kill {
    /// Bury the run.
    Bury,
    /// Whoever has the future drops it.
    Marked,
    /// It was over before.
    Over,
}

impl State {
    /// A fresh run: its creator polls it, and is interested in it.
    pub(crate) const fn claimed() -> Self {
        Self {
            phase: Phase::Polling,
            callers: 1,
            pins: 0,
            killed: false,
        }
    }

    pub(crate) fn phase(&self) -> Phase {
        self.phase
    }

    pub(crate) fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Settled | Phase::Dropped)
    }

    /// Over, or bound to be: nobody can have it back.
    pub(crate) fn is_ending(&self) -> bool {
        self.is_over() || self.killed || self.phase == Phase::Dropping
    }

    fn future_is_home(&self) -> bool {
        matches!(self.phase, Phase::Idle | Phase::Queued)
    }

    pub(crate) fn wake(&mut self) -> Wake {
        match self.phase {
            Phase::Idle => {
                self.phase = Phase::Queued;
                Wake::Enqueue
            }
            Phase::Polling => {
                self.phase = Phase::Woken;
                Wake::Nothing
            }
            _ => Wake::Nothing,
        }
    }

    fn is_wanted(&self) -> bool {
        self.callers > 0 && !self.killed
    }

    pub(crate) fn is_claimable(&self) -> bool {
        self.phase == Phase::Queued && self.is_wanted()
    }

    pub(crate) fn claim(&mut self) -> Claim {
        if !self.is_claimable() {
            return Claim::Stale;
        }
        self.phase = Phase::Polling;
        Claim::Poll
    }

    /// After a poll that was pending.
    pub(crate) fn release(&mut self) -> Release {
        debug_assert!(matches!(self.phase, Phase::Polling | Phase::Woken));
        let woken = self.phase == Phase::Woken;
        self.phase = if woken { Phase::Queued } else { Phase::Idle };
        if !self.is_wanted() {
            return Release::Bury;
        }
        if woken {
            Release::Enqueue
        } else {
            Release::Rest
        }
    }

    /// What a caller finds who wants to wait, and how he stands with it if he has
    /// joined before.
    pub(crate) fn look(&self) -> Join {
        match self.phase {
            _ if self.killed && self.phase != Phase::Settled => Join::Cancelled,
            Phase::Settled => Join::Settled,
            Phase::Dropped => Join::Dropped,
            _ => Join::Joined,
        }
    }

    pub(crate) fn join(&mut self) -> Join {
        let found = self.look();
        if found != Join::Joined {
            return found;
        }
        self.callers += 1;
        if self.callers == 1 && self.phase == Phase::Queued {
            return Join::Revived;
        }
        found
    }

    /// `finish`: what nobody waits for is finished by the executor.
    pub(crate) fn leave(&mut self, finish: bool) -> Leave {
        if self.is_over() {
            return Leave::Nothing;
        }
        let last = self.callers == self.pins + 1;
        if last && !self.is_ending() && (finish || self.pins > 0) {
            // The executor takes our place.
            return if finish { Leave::HandOver } else { Leave::Lend };
        }
        self.let_go()
    }

    /// One caller less, with nobody to take its place.
    pub(crate) fn let_go(&mut self) -> Leave {
        if self.is_over() {
            return Leave::Nothing;
        }
        self.callers -= 1;
        let unwanted = self.callers == 0 && !self.is_ending();
        if unwanted && self.future_is_home() {
            return Leave::Bury;
        }
        Leave::Nothing
    }

    /// One caller more, that is interested in nothing but that it is not dropped: there is work
    /// of it that cannot be interrupted. To be asked only if it is not [ending](Self::is_ending).
    pub(crate) fn pin(&mut self) -> Pin {
        self.pins += 1;
        let joined = self.join();
        if !self.is_only_pinned(0) {
            return Pin::Shared;
        }
        // Its last caller had left by then, and could not lend it.
        self.callers += 1;
        let revived = joined == Join::Revived;
        Pin::Lend { revived }
    }

    /// That work is done.
    pub(crate) fn unpin(&mut self) -> Leave {
        self.pins -= 1;
        self.let_go()
    }

    pub(crate) fn is_pinned(&self) -> bool {
        self.pins > 0
    }

    /// Nobody but that work, and others `besides`, is interested.
    pub(crate) fn is_only_pinned(&self, besides: usize) -> bool {
        self.callers == self.pins + besides
    }

    /// It is its turn to be dropped.
    pub(crate) fn doom(&mut self) -> Doom {
        if self.is_wanted() || !self.future_is_home() {
            return Doom::Spare;
        }
        self.phase = Phase::Dropping;
        Doom::Drop
    }

    /// The outcome is there.
    pub(crate) fn settle(&mut self) {
        debug_assert!(matches!(self.phase, Phase::Polling | Phase::Woken));
        self.phase = Phase::Settled;
    }

    pub(crate) fn kill(&mut self) -> Kill {
        if self.is_over() {
            return Kill::Over;
        }
        self.killed = true;
        if self.future_is_home() {
            return Kill::Bury;
        }
        Kill::Marked
    }

    /// The future is dropped.
    pub(crate) fn buried(&mut self) {
        debug_assert_eq!(self.phase, Phase::Dropping);
        self.phase = Phase::Dropped;
    }
}
