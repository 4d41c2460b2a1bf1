//! The jobs of a queue by identifier.
//!
//! Looking at one job costs the same however many there are; who looks at all says so with [`Entries::all`], which
//! is for what happens once in a while: closing, a fault. The tests count the looks of everything else.

#[cfg(test)]
use std::cell::Cell;
use std::collections::HashMap;

use bgcopy_protocol::Guid;

use super::entry::Entry;

/// Jobs with what they have at run time.
#[derive(Default)]
pub(super) struct Entries {
    /// Boxed: a table of whole entries would be half empty.
    jobs: HashMap<Guid, Box<Entry>>,
    #[cfg(test)]
    looks: Cell<usize>,
}

impl Entries {
    fn look(&self, _jobs: usize) {
        #[cfg(test)]
        self.looks.set(self.looks.get() + _jobs);
    }

    pub fn get(&self, id: &Guid) -> Option<&Entry> {
        self.look(1);
        self.jobs.get(id).map(|entry| &**entry)
    }

    pub fn get_mut(&mut self, id: &Guid) -> Option<&mut Entry> {
        self.look(1);
        self.jobs.get_mut(id).map(|entry| &mut **entry)
    }

    pub fn contains(&self, id: &Guid) -> bool {
        self.get(id).is_some()
    }

    pub fn insert(&mut self, id: Guid, entry: Entry) {
        self.look(1);
        self.jobs.insert(id, Box::new(entry));
    }

    pub fn remove(&mut self, id: &Guid) -> Option<Box<Entry>> {
        self.look(1);
        self.jobs.remove(id)
    }

    /// Every job, in no order.
    pub fn all(&mut self) -> impl Iterator<Item = &mut Entry> {
        self.look(self.jobs.len());
        self.jobs.values_mut().map(|entry| &mut **entry)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    use bgcopy_protocol::ResultCode;
    use bgcopy_protocol::enums::{JobPriority, JobState, JobType};
    use bgcopy_protocol::flags::CostFlags;

    use super::super::{Queue, State, World};
    use super::*;
    use crate::client::link::{Command, Event, FileInfo, JobCommand, Link, Listener, Reply};
    use crate::model::property::{Property, notify};
    use crate::settings::Settings;
    use crate::store::memory::MemoryStore;
    use crate::sys::clock::FakeClock;
    use crate::sys::fs::{Directories, Faults};
    use crate::sys::random::SystemRandom;

    struct Heard;

    impl Listener for Heard {
        fn notify(&self, _: &Event) -> ResultCode {
            ResultCode::BG_S_OK
        }
    }

    fn run(queue: &Queue, id: Guid, command: JobCommand) -> Reply {
        queue.call(Command::Job(id, command)).unwrap()
    }

    fn new_job(queue: &Queue, source: &Path, target: &Path) -> Guid {
        let create = Command::CreateJob { display_name: "job".into(), kind: JobType::Download };
        let Reply::Job(id) = queue.call(create).unwrap() else { panic!("no job") };
        let name = |path: &Path| path.to_str().unwrap().to_owned();
        let file = FileInfo { remote_name: name(source), local_name: name(target) };
        run(queue, id, JobCommand::AddFiles(vec![file]));
        id
    }

    fn wait_for(queue: &Queue, id: Guid, wanted: JobState) {
        let (state, _) = Link::wait(queue, id, Some(Duration::from_secs(30)), None).unwrap();
        assert_eq!(state, wanted);
    }

    /// Waits until everything is told that happened so far.
    fn wait_told(queue: &Queue) {
        let deadline = Instant::now() + Duration::from_secs(60);
        let told = |state: &State| {
            state.tells.is_empty() && state.ready.is_empty() && state.idle_dispatchers == state.dispatchers
        };
        while !told(&queue.state.lock()) {
            assert!(Instant::now() < deadline, "something is never told");
            std::thread::yield_now();
        }
    }

    /// How often a job is looked at in the lives of three, beside so many others.
    fn looks_beside(others: usize) -> usize {
        let dir = tempfile::tempdir().unwrap();
        let (source, target) = (dir.path().join("source"), dir.path().join("target"));
        std::fs::write(&source, "content").unwrap();
        let settings = Settings {
            directory: dir.path().join("queue"),
            // A checkpoint comes when a file is whole, not by the clock on the wall.
            checkpoint: Duration::from_secs(3600),
            policy_directories: Vec::new(),
            config_file: None,
            ..Settings::default()
        };
        let world = World {
            store: Box::new(MemoryStore::new()),
            clock: Arc::new(FakeClock::new(1_700_000_000_000_000_000)),
            random: Arc::new(SystemRandom),
            directories: Directories::new(Faults::none()),
        };
        let queue = Queue::open(settings, world).unwrap();
        let set = |id, property| run(&queue, id, JobCommand::Set(property));
        for number in 0..others {
            let id = new_job(&queue, &source, &dir.path().join(format!("other {number}")));
            set(id, Property::NotifyFlags(notify::JOB_MODIFICATION));
            queue.subscribe(id, Some(Arc::new(Heard))).unwrap();
        }
        wait_told(&queue);
        let looks = |queue: &Queue| queue.state.lock().entries.looks.get();
        let before = looks(&queue);

        let done = new_job(&queue, &source, &target);
        queue.subscribe(done, Some(Arc::new(Heard))).unwrap();
        set(done, Property::NotifyFlags(notify::ALL & !notify::DISABLE));
        set(done, Property::Priority(JobPriority::High));
        run(&queue, done, JobCommand::Resume);
        wait_for(&queue, done, JobState::Transferred);
        run(&queue, done, JobCommand::Progress);
        run(&queue, done, JobCommand::Complete);

        let failed = new_job(&queue, &dir.path().join("missing"), &target);
        set(failed, Property::Priority(JobPriority::Foreground));
        run(&queue, failed, JobCommand::Resume);
        wait_for(&queue, failed, JobState::Error);
        run(&queue, failed, JobCommand::Suspend);
        run(&queue, failed, JobCommand::Cancel);

        let blocked = new_job(&queue, &source, &target);
        set(blocked, Property::CostFlags(CostFlags::ROAMING));
        run(&queue, blocked, JobCommand::Resume);
        run(&queue, blocked, JobCommand::Cancel);

        let after = looks(&queue);
        queue.shut_down().unwrap();
        after - before
    }

    #[test]
    fn what_happens_to_one_job_looks_at_no_other() {
        let (few, many) = (looks_beside(3), looks_beside(500));
        // A few may come at another moment; a scan for each event would look thousands of times.
        assert!(many < few + 1000, "{few} looks beside 3 jobs, {many} beside 500");
    }
}
