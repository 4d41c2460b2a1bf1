use std::cell::RefCell;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::UNIX_EPOCH;

use bgcopy_protocol::enums::ErrorContext;
use bgcopy_protocol::{Guid, RetryClass};

use super::super::destination::{Published, temp_path};
use super::*;
use crate::sys::clock::FakeClock;
use crate::sys::fs::{Call, Directories, Faults, SyncGroup};

/// Remembers restarts, with the size of the file at that moment; refuses them if told so.
struct Recorder {
    path: PathBuf,
    restarts: RefCell<Vec<(u64, u64)>>,
    refuse: bool,
}

impl RestartRecorder for Recorder {
    fn restarted(&self, epoch: u64, _why: &str) -> Result<(), TransferError> {
        if self.refuse {
            return Err(TransferError::local(ResultCode::BG_E_FAIL, "not recorded"));
        }
        let size = self.path.metadata().map_or(0, |metadata| metadata.len());
        self.restarts.borrow_mut().push((epoch, size));
        Ok(())
    }
}

/// Everything a file needs, in a directory of its own.
struct Bench {
    _dir: Option<tempfile::TempDir>,
    target: Target,
    recorder: Recorder,
    clock: FakeClock,
    buffer: Buffer,
    progress: Arc<Progress>,
}

impl Bench {
    fn new(faults: Faults) -> Bench {
        let dir = tempfile::tempdir().unwrap();
        let mut bench = Bench::in_directory(dir.path(), faults);
        bench._dir = Some(dir);
        bench
    }

    fn in_directory(dir: &Path, faults: Faults) -> Bench {
        let path = dir.join("file");
        let target =
            Target::open(&Directories::new(faults), &path, &temp_path(&path, Guid::default(), 0), 0).unwrap();
        Bench {
            _dir: None,
            recorder: Recorder { path: target.temp_path(), restarts: RefCell::default(), refuse: false },
            target,
            clock: FakeClock::new(0),
            buffer: Buffer::new(8192),
            progress: Arc::new(Progress::new(0, Version::default())),
        }
    }

    /// The state of an attempt that follows one which left `content` and `offset` on record.
    fn resuming(content: &[u8], offset: u64) -> Bench {
        let mut bench = Bench::new(Faults::none());
        std::fs::write(bench.temp(), content).unwrap();
        bench.progress = Arc::new(Progress::new(offset, sized(None)));
        bench
    }

    fn try_open(&mut self) -> Result<TempFile<'_>, OpenError> {
        TempFile::open(
            self.target.clone(),
            Arc::clone(&self.progress),
            &self.recorder,
            &self.clock,
            &mut self.buffer,
        )
    }

    fn open(&mut self) -> TempFile<'_> {
        self.try_open().unwrap_or_else(|error| panic!("{error:?}"))
    }

    fn temp(&self) -> PathBuf {
        self.target.temp_path()
    }
}

fn sized(size: impl Into<Option<u64>>) -> Version {
    Version { size: size.into(), etag: Some("\"v\"".into()), last_modified: None }
}

/// Receives `bytes` in pieces of at most `piece`.
fn receive(sink: &mut TempFile<'_>, mut bytes: &[u8], piece: usize) -> Result<(), TransferError> {
    while !bytes.is_empty() {
        let buffer = sink.buffer();
        let len = buffer.len().min(piece).min(bytes.len());
        buffer[..len].copy_from_slice(&bytes[..len]);
        sink.commit(len)?;
        bytes = &bytes[len..];
    }
    Ok(())
}

fn content(len: usize) -> Vec<u8> {
    (0..len).map(|n| (n * 31 + n / 251) as u8).collect()
}

#[test]
fn a_file_arrives_whole_with_its_time_and_gets_its_name() {
    let mut bench = Bench::new(Faults::none());
    let target = bench.target.clone();
    let bytes = content(100_000);
    let time = UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    for piece in [1, 1000, 8192, 100_000] {
        bench.progress = Arc::new(Progress::new(0, Version::default()));
        let mut sink = bench.open();
        sink.begin(&sized(100_000)).unwrap();
        receive(&mut sink, &bytes, piece).unwrap();
        let file = sink.finish(Some(time), None).unwrap();
        let mut group = SyncGroup::new();
        group.add(file, &target.directory);
        assert!(group.sync().iter().all(Result::is_ok));
        assert_eq!(target.publish().unwrap(), Published::Renamed);
        target.directory.sync().unwrap();
        assert!(std::fs::read(target.final_path()).unwrap() == bytes);
        assert_eq!(target.final_path().metadata().unwrap().modified().unwrap(), time);
        assert_eq!((bench.progress.written(), bench.progress.total()), (100_000, Some(100_000)));
        assert!(bench.progress.snapshot().is_none(), "a finished file belongs to whoever syncs it");
    }
}

#[test]
fn a_small_file_costs_open_write_and_times() {
    let faults = Faults::count_only();
    let mut bench = Bench::new(faults.clone());
    bench.buffer = Buffer::new(Buffer::LARGE);
    let before = faults.total();
    let mut sink = bench.open();
    sink.begin(&sized(10 << 10)).unwrap();
    receive(&mut sink, &content(10 << 10), 1000).unwrap();
    sink.finish(Some(UNIX_EPOCH), None).unwrap();
    assert_eq!([Call::Open, Call::Write, Call::Times].map(|call| faults.count(call)), [1, 1, 1]);
    assert_eq!(faults.total() - before, 3, "and closing it");
}

#[test]
fn an_empty_file_is_a_file() {
    let mut bench = Bench::new(Faults::none());
    bench.open().finish(None, None).unwrap();
    assert_eq!(bench.temp().metadata().unwrap().len(), 0);
}

#[test]
fn an_attempt_without_a_response_leaves_nothing_behind() {
    let mut bench = Bench::new(Faults::none());
    drop(bench.open());
    assert!(!bench.temp().exists());
}

#[test]
fn whole_buffers_are_written_aligned_also_after_a_resume() {
    let mut bench = Bench::resuming(&content(10_001), 10_001);
    let mut sink = bench.open();
    sink.begin(&sized(50_000)).unwrap();
    assert_eq!(sink.buffer().len(), 8192 - (10_001 - 8192));
    assert_eq!(sink.buffer().as_ptr() as usize % PAGE, 0);
    receive(&mut sink, &content(50_000)[10_001..], 700).unwrap();
    assert_eq!(sink.position % 8192, 0);
    sink.finish(None, None).unwrap();
    assert!(std::fs::read(bench.temp()).unwrap() == content(50_000));
}

#[test]
fn bytes_of_a_slow_transfer_do_not_wait_for_a_full_buffer() {
    let mut bench = Bench::new(Faults::none());
    let (clock, progress) = (bench.clock.clone(), Arc::clone(&bench.progress));
    let mut sink = bench.open();
    sink.begin(&sized(1000)).unwrap();
    receive(&mut sink, b"abc", 3).unwrap();
    assert_eq!(progress.written(), 0);
    clock.advance(WRITE_DELAY);
    receive(&mut sink, b"def", 3).unwrap();
    assert_eq!(progress.written(), 6);
}

#[test]
fn an_attempt_that_ends_early_keeps_what_it_received() {
    let mut bench = Bench::new(Faults::none());
    let mut sink = bench.open();
    sink.begin(&sized(1000)).unwrap();
    receive(&mut sink, b"abc", 3).unwrap();
    drop(sink);
    assert_eq!(bench.progress.written(), 3);
    assert_eq!(std::fs::read(bench.temp()).unwrap(), b"abc");
    let snapshot = bench.progress.snapshot().unwrap();
    snapshot.file.sync_data().unwrap();
    assert_eq!((snapshot.written, snapshot.epoch, snapshot.version), (3, 0, sized(1000)));
    bench.progress.close();
    assert!(bench.progress.snapshot().is_none());
}

#[test]
fn stale_bytes_behind_the_offset_do_not_outlive_the_file() {
    let mut bench = Bench::resuming(&[0xEE; 9000], 10);
    let mut sink = bench.open();
    sink.begin(&sized(20)).unwrap();
    receive(&mut sink, b"0123456789", 10).unwrap();
    sink.finish(None, None).unwrap();
    let mut expected = vec![0xEE; 10];
    expected.extend_from_slice(b"0123456789");
    assert_eq!(std::fs::read(bench.temp()).unwrap(), expected);
}

#[test]
fn what_cannot_be_continued_is_lost_and_can_be_fetched_again() {
    type Spoil = fn(&Path);
    let spoils: [Spoil; 5] = [
        |path| std::fs::remove_file(path).unwrap(),
        |path| std::fs::write(path, [0; 99]).unwrap(),
        |path| {
            std::fs::rename(path, path.with_extension("moved")).unwrap();
            symlink(path.with_extension("moved"), path).unwrap();
        },
        |path| {
            std::fs::remove_file(path).unwrap();
            assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
        },
        |path| {
            std::fs::remove_file(path).unwrap();
            std::fs::create_dir(path).unwrap();
        },
    ];
    for (n, spoil) in spoils.into_iter().enumerate() {
        let mut bench = Bench::resuming(&content(100), 100);
        spoil(&bench.temp());
        match bench.try_open() {
            Err(OpenError::Lost(why)) => assert!(why.contains("file is fetched"), "{why}"),
            Err(other) => panic!("case {n}: expected Lost, got {other:?}"),
            Ok(_) => panic!("case {n}: expected Lost, got a file"),
        }
        bench.progress = Arc::new(Progress::new(0, Version::default()));
        let mut sink = bench.open();
        let begun = sink.begin(&sized(3));
        if n == 4 {
            // A directory is never removed.
            assert_eq!(begun.unwrap_err().code, ResultCode::BG_E_WIN32_DIRECTORY);
            continue;
        }
        begun.unwrap();
        receive(&mut sink, b"new", 3).unwrap();
        sink.finish(None, None).unwrap();
        assert!(bench.temp().symlink_metadata().unwrap().is_file());
        assert_eq!(std::fs::read(bench.temp()).unwrap(), b"new");
    }
}

#[test]
fn a_link_at_the_temporary_name_is_replaced_and_never_written_through() {
    let mut bench = Bench::new(Faults::none());
    let precious = bench.temp().with_file_name("precious");
    std::fs::write(&precious, "precious").unwrap();
    symlink(&precious, bench.temp()).unwrap();
    let mut sink = bench.open();
    sink.begin(&sized(3)).unwrap();
    receive(&mut sink, b"new", 3).unwrap();
    sink.finish(None, None).unwrap();
    assert_eq!(std::fs::read(&precious).unwrap(), b"precious");
    assert_eq!(std::fs::read(bench.temp()).unwrap(), b"new");
}

#[test]
fn a_restart_is_on_record_before_the_old_bytes_go() {
    let mut bench = Bench::new(Faults::none());
    let progress = Arc::clone(&bench.progress);
    let mut sink = bench.open();
    sink.begin(&sized(20_000)).unwrap();
    receive(&mut sink, &[1; 10_000], 10_000).unwrap();
    let before = progress.snapshot().unwrap();
    sink.restart("another file").unwrap();
    assert_eq!((progress.written(), progress.total(), progress.epoch()), (0, None, 1));
    assert_eq!((before.epoch, before.written), (0, 8192), "a claim made now must be seen to be void");
    assert_eq!(progress.snapshot().unwrap().version, Version::default());
    sink.begin(&sized(3)).unwrap();
    receive(&mut sink, b"new", 3).unwrap();
    sink.finish(None, None).unwrap();
    assert_eq!(*bench.recorder.restarts.borrow(), [(1, 8192)], "the bytes were there when it was recorded");
    assert_eq!(std::fs::read(bench.temp()).unwrap(), b"new");
}

#[test]
fn a_claim_of_the_present_epoch_is_always_true() {
    // The writer fills each epoch with its number; whoever looks must never see bytes of another
    // under a claim that still holds.
    let mut bench = Bench::new(Faults::none());
    let progress = Arc::clone(&bench.progress);
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let looker = scope.spawn(|| {
            let mut held = 0;
            while !done.load(std::sync::atomic::Ordering::SeqCst) || held == 0 {
                let Some(snapshot) = progress.snapshot() else { continue };
                let mut bytes = vec![0; snapshot.written as usize];
                let read = snapshot.file.read_at(&mut bytes, 0);
                if progress.epoch() == snapshot.epoch {
                    read.unwrap();
                    assert!(
                        bytes.iter().all(|byte| *byte == snapshot.epoch as u8),
                        "epoch {}",
                        snapshot.epoch
                    );
                    held += 1;
                }
            }
        });
        let mut sink = bench.open();
        for epoch in 0..200u8 {
            if epoch > 0 {
                sink.restart("another file").unwrap();
            }
            sink.begin(&sized(None)).unwrap();
            receive(&mut sink, &[epoch; 20_000], 5000).unwrap();
        }
        done.store(true, std::sync::atomic::Ordering::SeqCst);
        looker.join().unwrap();
    });
}

#[test]
fn a_restart_that_cannot_be_recorded_keeps_the_old_bytes_and_takes_no_new_ones() {
    let mut bench = Bench::resuming(&content(5000), 5000);
    bench.recorder.refuse = true;
    let mut sink = bench.open();
    sink.begin(&sized(9000)).unwrap();
    sink.restart("another file").unwrap_err();
    sink.begin(&sized(3)).unwrap_err();
    sink.commit(3).unwrap_err();
    drop(sink);
    assert!(std::fs::read(bench.temp()).unwrap() == content(5000));
}

#[test]
fn bytes_can_be_read_back_wherever_they_are() {
    let mut bench = Bench::resuming(&content(5000), 5000);
    let mut sink = bench.open();
    sink.begin(&sized(10_000)).unwrap();
    receive(&mut sink, &content(6000)[5000..], 500).unwrap();
    let mut back = vec![0; 2000];
    sink.read_back(4000, &mut back).unwrap();
    assert!(back == content(6000)[4000..]);
    sink.read_back(5500, &mut back).unwrap_err();
}

#[test]
fn a_file_that_ends_short_is_not_finished() {
    let mut bench = Bench::new(Faults::none());
    let mut sink = bench.open();
    sink.begin(&sized(10)).unwrap();
    receive(&mut sink, b"123", 3).unwrap();
    let error = sink.finish(None, None).unwrap_err();
    assert!(error.text.contains("3 of 10"), "{}", error.text);
}

#[test]
fn room_is_reserved_for_large_files_without_changing_their_length() {
    let faults = Faults::count_only();
    let mut bench = Bench::new(faults.clone());
    let size = 3 << 20;
    let temp = bench.temp();
    let mut sink = bench.open();
    sink.begin(&sized(size)).unwrap();
    assert_eq!(faults.count(Call::Reserve), 1);
    let metadata = temp.metadata().unwrap();
    assert_eq!(metadata.len(), 0);
    // Where the file system can, the room is taken; /tmp may be one that cannot, or lives in memory.
    assert!(metadata.blocks() == 0 || metadata.blocks() * 512 >= size, "{}", metadata.blocks());
    // The response turns out to be shorter: what is too much is given back.
    sink.begin(&sized(None)).unwrap();
    receive(&mut sink, b"short", 5).unwrap();
    sink.finish(None, None).unwrap();
    let metadata = temp.metadata().unwrap();
    assert_eq!(metadata.len(), 5);
    assert!(metadata.blocks() * 512 < 64 << 10, "{}", metadata.blocks());
}

#[test]
fn a_file_system_that_cannot_reserve_is_written_all_the_same() {
    let mut bench = Bench::new(Faults::fail_call(Call::Stat, 1, libc::ENOSYS));
    let mut sink = bench.open();
    sink.begin(&sized(1 << 20)).unwrap();
}

#[test]
fn large_files_are_written_back_early() {
    let faults = Faults::count_only();
    let mut bench = Bench::new(faults.clone());
    bench.buffer = Buffer::new(1 << 20);
    let mut sink = bench.open();
    sink.begin(&sized(12 << 20)).unwrap();
    receive(&mut sink, &content(12 << 20), 1 << 20).unwrap();
    sink.finish(None, None).unwrap();
    assert_eq!((faults.count(Call::WriteBack), faults.count(Call::Write)), (3, 12));
}

#[test]
fn an_absurd_size_is_a_full_disk_before_a_byte_is_taken() {
    let mut bench = Bench::new(Faults::none());
    let temp = bench.temp();
    let mut sink = bench.open();
    let error = sink.begin(&sized(1 << 60)).unwrap_err();
    assert_full(&error, &temp);
    assert!(error.text.contains(&(1u64 << 60).to_string()), "{}", error.text);
    assert_eq!(temp.metadata().unwrap().blocks(), 0);
}

fn assert_full(error: &TransferError, path: &Path) {
    assert_eq!(error.code.0, 0x8007_0070_u32 as i32);
    assert_eq!((error.context, error.class), (ErrorContext::LocalFile, RetryClass::Transient));
    assert!(error.text.contains(path.to_str().unwrap()), "{}", error.text);
}

/// A file system of 1 MiB; only root can have one.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount() -> Option<SmallDisk> {
        let dir = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"])
            .arg(dir.path())
            .output()
            .is_ok_and(|output| output.status.success());
        if !mounted {
            eprintln!("skipped: a small file system cannot be mounted here (not root?)");
            return None;
        }
        Some(SmallDisk(dir))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily, because a failed test may still hold files.
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

#[test]
fn a_read_only_file_system_is_a_locked_destination() {
    let Some(disk) = SmallDisk::mount() else { return };
    let path = disk.0.path().join("file");
    let remount = |mode| Command::new("mount").args(["-o", mode]).arg(disk.0.path()).status().unwrap();
    let mut bench = Bench::in_directory(disk.0.path(), Faults::none());
    assert!(remount("remount,ro").success());
    let code = ResultCode::BG_E_DESTINATION_LOCKED;
    let directories = Directories::default();
    let mut check = super::super::destination::DestinationCheck::new(&directories);
    assert_eq!(check.check(&path).unwrap_err().code, code);
    let error = bench.open().begin(&sized(3)).unwrap_err();
    assert_eq!((error.code, error.class), (code, RetryClass::Waiting), "{}", error.text);
}

#[test]
fn a_disk_that_fills_up_keeps_what_fits_and_goes_on_when_there_is_room() {
    let Some(disk) = SmallDisk::mount() else { return };
    let ballast = disk.0.path().join("ballast");
    std::fs::write(&ballast, vec![0; 900 << 10]).unwrap();
    let mut bench = Bench::in_directory(disk.0.path(), Faults::none());
    let temp = bench.temp();
    let bytes = content(200 << 10);
    // Small enough to be written without asking, too large for what is left.
    let mut sink = bench.open();
    sink.begin(&sized(200 << 10)).unwrap();
    let error = receive(&mut sink, &bytes, 3000).unwrap_err();
    assert_full(&error, &temp);
    assert_eq!(sink.commit(1).unwrap_err(), error, "nothing may follow a hole");
    drop(sink);
    let written = bench.progress.written();
    assert!(written > 0 && written < 200 << 10);
    assert!(std::fs::read(&temp).unwrap()[..] == bytes[..written as usize]);

    std::fs::remove_file(ballast).unwrap();
    bench.progress = Arc::new(Progress::new(written, sized(200 << 10)));
    let mut sink = bench.open();
    sink.begin(&sized(200 << 10)).unwrap();
    receive(&mut sink, &bytes[written as usize..], 3000).unwrap();
    sink.finish(None, None).unwrap();
    assert!(std::fs::read(&temp).unwrap() == bytes);
}

#[test]
fn room_already_held_is_not_asked_for_twice() {
    let Some(disk) = SmallDisk::mount() else { return };
    let mut bench = Bench::in_directory(disk.0.path(), Faults::none());
    let size = 800 << 10;
    let mut sink = bench.open();
    sink.begin(&sized(size)).unwrap();
    receive(&mut sink, &[7; 600 << 10], 60_000).unwrap();
    drop(sink);
    // Less than half of the disk is free now, but most of the file has its room, beyond what counts.
    bench.progress = Arc::new(Progress::new(100, sized(size)));
    bench.open().begin(&sized(size)).unwrap();
    // A second such file does not fit, and takes nothing.
    let other = disk.0.path().join("other");
    std::fs::create_dir(&other).unwrap();
    let mut second = Bench::in_directory(&other, Faults::none());
    let temp = second.temp();
    let error = second.open().begin(&sized(size)).unwrap_err();
    assert_full(&error, &temp);
    assert_eq!(temp.metadata().unwrap().blocks(), 0);
}

#[test]
fn every_file_call_may_fail_and_what_is_claimed_is_there() {
    let bytes = content(700_000);
    let run = |faults: Faults| {
        let mut bench = Bench::new(faults);
        bench.buffer = Buffer::new(64 << 10);
        let mut sink = bench.open();
        let result = sink
            .begin(&sized(700_000))
            .and_then(|()| receive(&mut sink, &bytes, 10_000))
            .and_then(|()| sink.finish(Some(UNIX_EPOCH), None).map(drop));
        let written = bench.progress.written() as usize;
        let there = std::fs::read(bench.temp()).unwrap_or_default();
        assert!(there.get(..written) == Some(&bytes[..written]), "{result:?}: {written} bytes claimed");
        result
    };
    let counting = Faults::count_only();
    run(counting.clone()).unwrap();
    // The first call opens the directory, before the file begins.
    let mut failures = 0;
    for nth in 2..=counting.total() {
        match run(Faults::fail_any(nth, libc::EIO)) {
            Ok(()) => {}
            Err(error) => {
                failures += 1;
                assert_eq!(error.code, ResultCode::BG_E_WIN32_IO_DEVICE, "{}", error.text);
                assert_eq!(error.context, ErrorContext::LocalFile);
            }
        }
    }
    // All but asking for free space and setting the time, which a file can do without.
    assert_eq!(failures, counting.total() - 1 - 2);
}
