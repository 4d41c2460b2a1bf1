//! The headers of the last answer to a request for a file.

use bgcopy_engine::client::{File, Job};
use bgcopy_protocol::enums::{JobPriority, JobState};

use crate::stage::Stage;

fn headers(file: &File) -> String {
    file.response_headers().unwrap().unwrap_or_default()
}

fn first(job: &Job) -> File {
    job.files().unwrap().remove(0)
}

#[test]
fn the_headers_of_the_last_answer_are_kept_with_the_job() {
    let stage = Stage::new();
    stage.offer("a", 100_000, "header=X-Story: caf\u{e9}&etag=strong");
    let open = stage.open();
    let job = stage.job(&open, &["a"]);
    let file = first(&job);
    assert_eq!(file.response_headers().unwrap(), None, "before any answer");
    stage.change("a", "stall_after=50000&fail_first=1");
    job.set_priority(JobPriority::Foreground).unwrap();
    job.resume().unwrap();
    stage.wait_stalled("a", 1);
    open.until_state(&job, JobState::Transferring);
    let text = headers(&file);
    assert!(text.starts_with("HTTP/1.1 200 OK\r\n") && text.ends_with("\r\n"), "{text:?}");
    assert!(!text.contains("\r\n\r\n") && text.contains("\r\nX-Story: caf\u{e9}\r\n"), "{text:?}");
    job.suspend().unwrap();
    stage.change("a", "content_type=text/second");
    job.resume().unwrap();
    open.until_state(&job, JobState::Transferred);
    let text = headers(&file);
    assert!(text.contains("text/second"), "those of the last answer: {text:?}");
    drop((job, file));
    open.close().unwrap();

    let open = stage.open();
    let job = open.jobs(false).unwrap().remove(0);
    let file = first(&job);
    assert_eq!(headers(&file), text);
    job.complete().unwrap();
    assert_eq!(headers(&file), text, "also after the end of the job");
}

#[test]
fn the_headers_of_a_refusal_are_kept_too() {
    let stage = Stage::new();
    stage.offer("a", 10, "status=404&header=X-Why: moved");
    let open = stage.open();
    let job = stage.running_job(&open, &["a"], JobPriority::Foreground);
    open.until_state(&job, JobState::Error);
    drop(job);
    open.close().unwrap();
    let open = stage.open();
    let job = open.jobs(false).unwrap().remove(0);
    let text = headers(&first(&job));
    assert!(text.starts_with("HTTP/1.1 404 ") && text.contains("X-Why: moved\r\n"), "{text:?}");
}

#[test]
fn the_headers_are_there_when_the_file_is_told() {
    let stage = Stage::new();
    for name in ["a", "b", "c"] {
        stage.offer(name, 500, &format!("header=X-Name: {name}"));
    }
    let open = stage.open();
    let job = stage.running_job(&open, &["a", "b", "c"], JobPriority::Foreground);
    open.until_state(&job, JobState::Transferred);
    for (file, name) in job.files().unwrap().iter().zip(["a", "b", "c"]) {
        assert!(headers(file).contains(&format!("X-Name: {name}\r\n")), "{name}: {}", headers(file));
    }
}

#[test]
fn a_copy_has_no_response_headers() {
    let stage = Stage::new();
    let open = stage.open();
    let job = stage.job(&open, &[]);
    std::fs::write(stage.path("source"), "content").unwrap();
    job.add_file(stage.path("source").to_str().unwrap(), stage.path("copy").to_str().unwrap()).unwrap();
    job.resume().unwrap();
    open.until_state(&job, JobState::Transferred);
    assert_eq!(first(&job).response_headers().unwrap(), None);
}
