//! What programs are told, in which order and when.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use bgcopy_engine::client::{Callback, EventKind, Job, Manager};
use bgcopy_engine::model::property::notify;
use bgcopy_protocol::enums::{ErrorContext, JobPriority, JobState, JobType};
use bgcopy_protocol::{Guid, ResultCode};
use parking_lot::Mutex;

use crate::stage::{ALL_EVENTS, Door, Open, PATIENCE, Recorder, Stage, Told, next_event};

const NOT_FOUND: ResultCode = ResultCode::BG_E_HTTP_ERROR_404;
const OK: ResultCode = ResultCode::BG_S_OK;

/// A job that is TRANSFERRED, nobody having been told.
fn transferred(stage: &Stage, open: &Open, name: &str) -> Job {
    stage.offer(name, 1000, "");
    let job = stage.running_job(open, &[name], JobPriority::Foreground);
    open.until_state(&job, JobState::Transferred);
    job
}

/// A job with a finished file, whose callback will be called soon after.
fn ready(stage: &Stage, open: &Open, name: &str, callback: Arc<Recorder>) -> Job {
    stage.offer(name, 1000, "");
    let job = stage.job(open, &[name]);
    job.set_notify_flags(notify::JOB_TRANSFERRED | notify::JOB_ERROR).unwrap();
    job.set_callback(Some(callback)).unwrap();
    job
}

#[test]
fn a_new_job_tells_transferred_and_error_and_nothing_else() {
    let stage = Stage::new();
    let open = stage.open();
    let job = open.create_job("new", JobType::Download).unwrap();
    assert_eq!(job.notify_flags().unwrap(), 3);
    stage.offer("a", 1000, "");
    stage.add(&job, "a");
    let recorder = Recorder::new();
    job.set_callback(Some(recorder.clone())).unwrap();
    job.resume().unwrap();
    recorder.wait_for(&Told::Transferred);
    stage.offer("b", 1000, "status=404");
    stage.add(&job, "b");
    job.resume().unwrap();
    recorder.wait_for(&Told::Error(NOT_FOUND));
    assert_eq!(recorder.told(), [Told::Transferred, Told::Error(NOT_FOUND)]);
}

#[test]
fn each_flag_lets_its_own_event_through() {
    for (flag, wanted) in [
        (notify::JOB_TRANSFERRED, Told::Transferred),
        (notify::JOB_MODIFICATION, Told::Modification),
        (notify::FILE_TRANSFERRED, Told::File(0)),
    ] {
        let stage = Stage::new();
        let open = stage.open();
        stage.offer("a", 1000, "");
        let job = stage.job(&open, &["a"]);
        job.set_notify_flags(flag).unwrap();
        let recorder = Recorder::new();
        job.set_callback(Some(recorder.clone())).unwrap();
        job.resume().unwrap();
        recorder.wait_for(&wanted);
        assert!(recorder.told().iter().all(|told| *told == wanted), "{:?}", recorder.told());
    }
}

#[test]
fn disable_silences_everything_whatever_the_other_flags_say() {
    let stage = Stage::new();
    let open = stage.open();
    let recorder = Recorder::new();
    let job = ready(&stage, &open, "a", recorder.clone());
    job.set_notify_flags(ALL_EVENTS).unwrap();
    recorder.wait_for(&Told::Modification);
    job.set_notify_flags(ALL_EVENTS | notify::DISABLE).unwrap();
    let before = recorder.told();
    let witness = Recorder::new();
    let other = ready(&stage, &open, "b", witness.clone());
    job.resume().unwrap();
    stage.server.wait_for(&bgcopy_testserver::Condition { ended: Some(1), ..Default::default() }, PATIENCE);
    other.resume().unwrap();
    witness.wait_for(&Told::Transferred);
    assert!(recorder.told().len() <= before.len() + 1, "{:?}", recorder.told());
    assert!(recorder.news().is_empty());
    // What is still true is told once the silence ends.
    job.set_notify_flags(notify::JOB_TRANSFERRED).unwrap();
    recorder.wait_for(&Told::Transferred);
}

#[test]
fn files_are_told_in_order_of_addition_and_before_their_job() {
    let stage = Stage::new();
    let open = stage.open();
    for name in ["a", "b", "c"] {
        stage.offer(name, 1000, "stall_after=10");
    }
    let job = stage.job(&open, &["a", "b", "c"]);
    let recorder = Recorder::new();
    job.set_callback(Some(recorder.clone())).unwrap();
    job.resume().unwrap();
    for (done, name) in ["c", "b", "a"].into_iter().enumerate() {
        stage.wait_stalled(name, 1);
        stage.release(name);
        open.until("the next file", || job.progress().unwrap().files_transferred as usize == done + 1);
    }
    recorder.wait_for(&Told::Transferred);
    assert_eq!(recorder.news(), [Told::File(0), Told::File(1), Told::File(2), Told::Transferred]);
}

#[test]
fn finished_files_are_told_before_the_error_of_their_job() {
    let mut stage = Stage::new();
    stage.settings.background_files_in_flight = 1;
    let open = stage.open();
    stage.offer("a", 1000, "");
    stage.offer("b", 1000, "status=404");
    let job = stage.job(&open, &["a", "b"]);
    let recorder = Recorder::new();
    job.set_callback(Some(recorder.clone())).unwrap();
    job.resume().unwrap();
    recorder.wait_for(&Told::File(0));
    recorder.wait_for(&Told::Error(NOT_FOUND));
}

#[test]
fn a_failing_file_callback_holds_back_what_follows_until_it_succeeds() {
    let stage = Stage::new();
    let open = stage.open();
    stage.offer("a", 1000, "");
    let job = stage.job(&open, &["a"]);
    job.set_notify_flags(notify::FILE_TRANSFERRED | notify::JOB_TRANSFERRED).unwrap();
    let mut failures = 2;
    let recorder = Recorder::answering(move |_, told| {
        if matches!(told, Told::File(_)) && failures > 0 {
            failures -= 1;
            return ResultCode::BG_E_FAIL;
        }
        OK
    });
    job.set_callback(Some(recorder.clone())).unwrap();
    job.resume().unwrap();
    for count in 1..=2 {
        recorder.wait("a failed call", |told| told.len() == count);
        open.until_state(&job, JobState::Transferred);
        advance_until(&stage, &recorder, count + 1);
    }
    recorder.wait_for(&Told::Transferred);
    assert_eq!(recorder.told(), [Told::File(0), Told::File(0), Told::File(0), Told::Transferred]);
}

/// Lets time pass until so many events were told: the answer to the last one may still be on its way.
fn advance_until(stage: &Stage, recorder: &Recorder, count: usize) {
    recorder.wait_moving(
        "a repetition",
        || stage.clock.advance(Duration::from_secs(60)),
        |told| told.len() >= count,
    );
}

#[test]
fn a_failing_job_callback_is_called_again_until_it_answers_ok() {
    for (name, script, wanted) in [("a", "", Told::Transferred), ("b", "status=404", Told::Error(NOT_FOUND))]
    {
        let stage = Stage::new();
        let open = stage.open();
        let answers = Mutex::new(vec![OK, ResultCode::BG_S_FALSE, ResultCode::BG_E_FAIL]);
        let recorder = Recorder::answering(move |_, _| answers.lock().pop().unwrap());
        let job = ready(&stage, &open, name, recorder.clone());
        stage.offer(name, 1000, script);
        job.resume().unwrap();
        recorder.wait("the first call", |told| told.len() == 1);
        advance_until(&stage, &recorder, 2);
        advance_until(&stage, &recorder, 3);
        stage.clock.advance(Duration::from_secs(3600));
        assert_eq!(recorder.told(), [wanted.clone(), wanted.clone(), wanted]);
    }
}

#[test]
fn a_failing_job_callback_holds_back_no_modification() {
    let stage = Stage::new();
    let open = stage.open();
    let recorder = Recorder::answering(|_, told| match told {
        Told::Transferred => ResultCode::BG_E_FAIL,
        _ => OK,
    });
    let job = ready(&stage, &open, "a", recorder.clone());
    job.resume().unwrap();
    recorder.wait("the failed call", |told| told.len() == 1);
    job.set_notify_flags(ALL_EVENTS & !notify::FILE_TRANSFERRED).unwrap();
    recorder.wait_for(&Told::Modification);
    assert_eq!(recorder.told().iter().filter(|told| **told == Told::Transferred).count(), 1);
}

#[test]
fn a_callback_that_panics_has_failed_and_is_called_again() {
    let stage = Stage::new();
    let open = stage.open();
    let mut calls = 0;
    let recorder = Recorder::answering(move |_, _| {
        calls += 1;
        assert!(calls != 1, "the panic of this test");
        OK
    });
    let job = ready(&stage, &open, "a", recorder.clone());
    job.resume().unwrap();
    recorder.wait("the first call", |told| told.len() == 1);
    advance_until(&stage, &recorder, 2);
    assert_eq!(job.state().unwrap(), JobState::Transferred);
}

#[test]
fn who_registers_late_is_told_what_is_still_true() {
    let stage = Stage::new();
    let open = stage.open();
    let done = transferred(&stage, &open, "a");
    let recorder = Recorder::new();
    done.set_callback(Some(recorder.clone())).unwrap();
    recorder.wait_for(&Told::Transferred);
    assert_eq!(recorder.news(), [Told::File(0), Told::Transferred]);

    stage.offer("b", 1000, "status=404");
    let failed = stage.running_job(&open, &["b"], JobPriority::Foreground);
    open.until_state(&failed, JobState::Error);
    let recorder = Recorder::new();
    failed.set_callback(Some(recorder.clone())).unwrap();
    recorder.wait_for(&Told::Error(NOT_FOUND));
}

#[test]
fn who_registers_again_after_a_restart_is_told_what_is_still_true() {
    let stage = Stage::new();
    let open = stage.open();
    let done = transferred(&stage, &open, "a");
    stage.offer("b", 1000, "status=404");
    let failed = stage.running_job(&open, &["b"], JobPriority::Foreground);
    open.until_state(&failed, JobState::Error);
    open.close().unwrap();
    let open = stage.open();
    for (id, wanted) in [(done.id(), Told::Transferred), (failed.id(), Told::Error(NOT_FOUND))] {
        let recorder = Recorder::new();
        open.job(id).unwrap().set_callback(Some(recorder.clone())).unwrap();
        recorder.wait_for(&wanted);
    }
}

#[test]
fn no_more_than_four_callbacks_run_at_once() {
    let stage = Stage::new();
    let open = stage.open();
    let door = Door::new();
    let jobs: Vec<_> = (0..6)
        .map(|number| {
            let waiting = door.clone();
            let recorder = Recorder::answering(move |_, _| {
                waiting.pass();
                OK
            });
            let job = ready(&stage, &open, &format!("f{number}"), recorder.clone());
            job.resume().unwrap();
            (job, recorder)
        })
        .collect();
    door.wait_arrived(4);
    for (job, _) in &jobs {
        open.until_state(job, JobState::Transferred);
    }
    // Blocked callbacks stop no transfer, and nobody else is told meanwhile.
    assert_eq!(door.arrived(), 4);
    door.open();
    for (_, recorder) in &jobs {
        recorder.wait_for(&Told::Transferred);
    }
}

#[test]
fn callbacks_of_one_job_never_overlap() {
    let stage = Stage::new();
    let open = stage.open();
    let names: Vec<String> = (0..20).map(|number| format!("f{number}")).collect();
    for name in &names {
        stage.offer(name, 100, "");
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let job = stage.job(&open, &names);
    let inside = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    struct Overlap(Arc<AtomicUsize>, Arc<AtomicUsize>, mpsc::Sender<()>);
    impl Overlap {
        fn enter(&self) -> ResultCode {
            self.1.fetch_max(self.0.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            std::thread::yield_now();
            self.0.fetch_sub(1, Ordering::SeqCst);
            OK
        }
    }
    impl Callback for Overlap {
        fn job_modification(&self, _: &Job) -> ResultCode {
            self.enter()
        }
        fn file_transferred(&self, _: &Job, _: &bgcopy_engine::client::File) -> ResultCode {
            self.enter()
        }
        fn job_transferred(&self, _: &Job) -> ResultCode {
            self.2.send(()).unwrap();
            self.enter()
        }
    }
    let (sender, done) = mpsc::channel();
    job.set_callback(Some(Arc::new(Overlap(inside, most.clone(), sender)))).unwrap();
    job.resume().unwrap();
    done.recv_timeout(PATIENCE).unwrap();
    assert_eq!(most.load(Ordering::SeqCst), 1);
}

#[test]
fn modifications_within_the_interval_are_told_as_one() {
    let mut stage = Stage::new();
    stage.settings.notification_interval = Duration::from_millis(500);
    let open = stage.open();
    let job = stage.job(&open, &[]);
    let recorder = Recorder::new();
    job.set_callback(Some(recorder.clone())).unwrap();
    job.set_description("first".into()).unwrap();
    recorder.wait_for(&Told::Modification);
    for number in 0..10 {
        job.set_description(format!("change {number}")).unwrap();
    }
    // Another job's event passes meanwhile, so that one due now would have been told.
    let witness = Recorder::new();
    ready(&stage, &open, "b", witness.clone()).resume().unwrap();
    witness.wait_for(&Told::Transferred);
    let told = recorder.told().len();
    assert_eq!(told, 1);
    recorder.wait_moving(
        "the merged one",
        || stage.clock.advance(Duration::from_millis(500)),
        |told| told.len() == 2,
    );
}

#[test]
fn unregistering_waits_for_a_running_callback_and_nothing_is_told_after_it() {
    let stage = Stage::new();
    let open = stage.open();
    let door = Door::new();
    let inside = door.clone();
    let recorder = Recorder::answering(move |_, _| {
        inside.pass();
        OK
    });
    let job = ready(&stage, &open, "a", recorder.clone());
    job.resume().unwrap();
    door.wait_arrived(1);
    let (sender, unregistered) = mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            job.set_callback(None).unwrap();
            sender.send(()).unwrap();
        });
        // It cannot be over while the callback runs: had it not waited, it would be by the time the
        // queue has carried out another job.
        let witness = Recorder::new();
        ready(&stage, &open, "b", witness.clone()).resume().unwrap();
        witness.wait_for(&Told::Transferred);
        assert!(unregistered.try_recv().is_err());
        door.open();
    });
    let told = recorder.told().len();
    job.suspend().unwrap();
    job.resume().unwrap();
    open.until_state(&job, JobState::Transferred);
    assert_eq!(recorder.told().len(), told);
    assert_eq!(Arc::strong_count(&recorder), 1);
}

#[test]
fn a_callback_may_unregister_itself() {
    let stage = Stage::new();
    let open = stage.open();
    let (sender, unregistered) = mpsc::channel();
    let recorder = Recorder::answering(move |job, _| {
        job.set_callback(None).unwrap();
        sender.send(()).unwrap();
        ResultCode::BG_E_FAIL
    });
    let job = ready(&stage, &open, "a", recorder.clone());
    job.resume().unwrap();
    unregistered.recv_timeout(PATIENCE).unwrap();
    // The failed answer is nobody's any more; the next listener is told.
    let next = Recorder::new();
    job.set_callback(Some(next.clone())).unwrap();
    next.wait_moving(
        "the next listener",
        || stage.clock.advance(Duration::from_secs(60)),
        |told| told.contains(&Told::Transferred),
    );
    assert_eq!(recorder.told().len(), 1);
}

#[test]
fn complete_and_cancel_work_from_inside_a_callback() {
    let stage = Stage::new();
    let open = stage.open();
    let (sender, ended) = mpsc::channel();
    let finisher = |sender: mpsc::Sender<_>, cancel: bool| {
        Recorder::answering(move |job, _| {
            let result = if cancel { job.cancel() } else { job.complete() };
            sender.send((result, job.state())).unwrap();
            OK
        })
    };
    ready(&stage, &open, "a", finisher(sender.clone(), false)).resume().unwrap();
    assert_eq!(ended.recv_timeout(PATIENCE).unwrap(), (Ok(OK), Ok(JobState::Acknowledged)));
    stage.assert_file("a", 1000);
    ready(&stage, &open, "b", finisher(sender, true)).resume().unwrap();
    assert_eq!(ended.recv_timeout(PATIENCE).unwrap(), (Ok(OK), Ok(JobState::Cancelled)));
    assert_eq!(stage.names(), ["a"]);
}

#[test]
fn resume_from_inside_an_error_callback_tries_again() {
    let stage = Stage::new();
    let open = stage.open();
    let recorder = Recorder::answering(|job, told| {
        if *told == Told::Error(NOT_FOUND) {
            job.resume().unwrap();
        }
        OK
    });
    let job = ready(&stage, &open, "a", recorder.clone());
    stage.offer("a", 1000, "status=404&fail_first=2");
    job.resume().unwrap();
    recorder.wait_for(&Told::Transferred);
    assert!(recorder.told().contains(&Told::Error(NOT_FOUND)));
}

/// Locks the queue from its destructor, and says so.
struct Farewell(mpsc::Sender<()>, Manager);

impl Callback for Farewell {}

impl Drop for Farewell {
    fn drop(&mut self) {
        // Would wait for ever, were it dropped under the queue's lock.
        let _ = self.1.jobs(false);
        self.0.send(()).unwrap();
    }
}

#[test]
fn a_callback_is_dropped_exactly_once_and_never_under_the_lock() {
    let stage = Stage::new();
    let open = stage.open();
    let (sender, dropped) = mpsc::channel();
    let callback = || Some(Arc::new(Farewell(sender.clone(), Manager::clone(&open))) as Arc<dyn Callback>);
    let once = |what: &str| {
        dropped.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("not dropped: {what}"));
        assert!(dropped.try_recv().is_err(), "dropped twice: {what}");
    };
    let job = transferred(&stage, &open, "a");
    job.set_callback(callback()).unwrap();
    job.set_callback(None).unwrap();
    once("unregistered");
    job.set_callback(callback()).unwrap();
    job.set_callback(callback()).unwrap();
    once("replaced");
    job.complete().unwrap();
    once("completed");
    assert_eq!(job.set_callback(callback()).unwrap_err().code, ResultCode::BG_E_INVALID_STATE);
    once("refused");
    let job = stage.job(&open, &[]);
    job.set_callback(callback()).unwrap();
    job.cancel().unwrap();
    once("cancelled");
    let job = stage.job(&open, &[]);
    job.set_callback(callback()).unwrap();
    drop(job);
    assert!(dropped.try_recv().is_err(), "a job without handles keeps its callback");
    open.close().unwrap();
    once("closed");
}

#[test]
fn the_descriptor_is_readable_exactly_while_there_is_an_event() {
    let stage = Stage::new();
    let open = stage.open();
    assert!(!open.is_readable());
    stage.offer("a", 1000, "");
    let job = open.create_job("default flags", JobType::Download).unwrap();
    stage.add(&job, "a");
    assert!(!open.is_readable() && open.next_event().unwrap().is_none());
    job.resume().unwrap();
    let event = next_event(&open);
    assert_eq!((event.job, event.kind), (job.id(), EventKind::JobTransferred));
    assert!(!open.is_readable() && open.next_event().unwrap().is_none());
    // Modifications that nobody took are one.
    job.set_notify_flags(notify::JOB_MODIFICATION).unwrap();
    job.set_description("1".into()).unwrap();
    job.set_description("2".into()).unwrap();
    assert!(open.is_readable());
    assert_eq!(next_event(&open).kind, EventKind::JobModification);
    assert!(!open.is_readable());
}

#[test]
fn events_before_the_state_changed_again_are_not_told_late() {
    let stage = Stage::new();
    let open = stage.open();
    let job = transferred(&stage, &open, "a");
    job.suspend().unwrap();
    let recorder = Recorder::new();
    job.set_callback(Some(recorder.clone())).unwrap();
    recorder.wait_for(&Told::File(0));
    job.resume().unwrap();
    recorder.wait_for(&Told::Transferred);
    assert_eq!(recorder.news(), [Told::File(0), Told::Transferred]);
}

#[test]
fn what_a_job_tells_outlives_a_restart() {
    let stage = Stage::new();
    let open = stage.open();
    let job = stage.job(&open, &[]);
    let class = Guid { data1: 1, data2: 2, data3: 3, data4: [4; 8] };
    let flags = notify::FILE_TRANSFERRED | notify::FILE_RANGES_TRANSFERRED;
    job.set_notify_flags(flags).unwrap();
    job.set_minimum_notification_interval(7).unwrap();
    job.set_notification_clsid(class).unwrap();
    assert!(job.callback().unwrap().is_none());
    job.set_callback(Some(Recorder::new())).unwrap();
    open.close().unwrap();
    let open = stage.open();
    let job = open.job(job.id()).unwrap();
    assert_eq!(job.notify_flags().unwrap(), flags);
    assert_eq!(job.minimum_notification_interval().unwrap(), 7);
    assert_eq!(job.notification_clsid().unwrap(), class);
    assert!(job.callback().unwrap().is_none(), "a callback belongs to the process that set it");
    job.set_notification_clsid(Guid::default()).unwrap();
    assert_eq!(job.notification_clsid().unwrap(), Guid::default());
}

#[test]
fn bytes_that_move_are_a_modification() {
    let stage = Stage::new();
    let open = stage.open();
    let recorder = Recorder::new();
    stage.offer("a", 4 << 20, "rate=1000000");
    let job = stage.job(&open, &["a"]);
    job.set_callback(Some(recorder.clone())).unwrap();
    job.resume().unwrap();
    // Resume, CONNECTING and TRANSFERRING make three, and registering one.
    recorder.wait("many", |told| told.iter().filter(|told| **told == Told::Modification).count() >= 8);
    assert_eq!(job.state().unwrap(), JobState::Transferring);
}

#[test]
fn a_modification_that_was_refused_is_not_told_again() {
    let stage = Stage::new();
    let open = stage.open();
    let recorder = Recorder::answering(|_, _| ResultCode::BG_E_FAIL);
    let job = stage.job(&open, &[]);
    job.set_callback(Some(recorder.clone())).unwrap();
    job.set_description("changed".into()).unwrap();
    recorder.wait_for(&Told::Modification);
    let told = recorder.told().len();
    // An error of another job is refused at the same time, and told again.
    let witness = Recorder::answering(|_, _| ResultCode::BG_E_FAIL);
    stage.offer("b", 1, "status=404");
    let other = stage.job(&open, &["b"]);
    other.set_callback(Some(witness.clone())).unwrap();
    other.resume().unwrap();
    witness.wait_for(&Told::Error(NOT_FOUND));
    let errors = |told: &[Told]| told.iter().filter(|told| **told == Told::Error(NOT_FOUND)).count();
    witness.wait_moving(
        "the error again",
        || stage.clock.advance(Duration::from_secs(60)),
        |told| errors(told) >= 2,
    );
    assert!(recorder.told().len() <= told + 1, "{:?}", recorder.told());
}

#[test]
fn the_error_object_stays_as_it_was_when_the_job_goes_on() {
    let stage = Stage::new();
    let open = stage.open();
    stage.offer("a", 1000, "status=503");
    let job = stage.job(&open, &["a"]);
    job.resume().unwrap();
    open.until_state(&job, JobState::TransientError);
    let error = job.error().unwrap();
    stage.change("a", "-status=");
    job.resume().unwrap();
    open.until_state(&job, JobState::Transferred);
    assert_eq!(job.error().unwrap_err().code, ResultCode::BG_E_ERROR_INFORMATION_UNAVAILABLE);
    job.complete().unwrap();
    assert_eq!(error.code(), ResultCode::BG_E_HTTP_ERROR_503);
    assert!(error.text().contains("503") && error.protocol().unwrap() == "http");
    assert_eq!(error.description(0x407).unwrap(), ResultCode::BG_E_HTTP_ERROR_503.text());
    assert!(error.file().unwrap().local_name().unwrap().ends_with("/a"));
}

#[test]
fn an_error_without_file_and_protocol_says_so() {
    let stage = Stage::new();
    stage.policy("[bandwidth]\nlimit_kbps = 0\nfrom_hour = 0\nto_hour = 0\n");
    let open = stage.open();
    let job = stage.running_job(&open, &["a"], JobPriority::Normal);
    let error = job.error().unwrap();
    assert_eq!(error.code(), ResultCode::BG_E_BLOCKED_BY_POLICY);
    assert_eq!(error.file().unwrap_err().code, ResultCode::BG_E_FILE_NOT_AVAILABLE);
    assert_eq!(error.protocol().unwrap_err().code, ResultCode::BG_E_PROTOCOL_NOT_AVAILABLE);
    assert_eq!(error.context(), ErrorContext::GeneralQueueManager);
    assert!(!error.context_description(0x409).unwrap().is_empty());
}
