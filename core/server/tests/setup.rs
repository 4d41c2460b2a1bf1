//! A program sets the running server up through the C interface, and uploads to it.
#![allow(unsafe_code)]

mod support;

use std::ffi::CString;
use std::fs;
use std::ptr::null_mut;

use bgcopy::extension_setup::{
    bg_extension_setup_disable_bits_uploads, bg_extension_setup_enable_bits_uploads,
    bg_extension_setup_release,
};
use bgcopy::extension_setup_factory::{
    bg_extension_setup_factory_get_object, bg_extension_setup_factory_open,
    bg_extension_setup_factory_release,
};
use bgcopy::handle::bg_extension_setup;
use bgcopy::result::bg_result;
use bgcopy_engine::client::{Job, Manager, Settings};
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::{JobPriority, JobState, JobType};
use support::{Server, World, create};

/// The directory `/drop` of a server, as a program in C has it.
struct Setup(*mut bg_extension_setup);

impl Setup {
    fn new(world: &World) -> Setup {
        let configuration = CString::new(world.path("server.toml").to_str().unwrap()).unwrap();
        let (mut factory, mut setup) = (null_mut(), null_mut());
        // SAFETY: strings end with a NUL, the places are there, and the factory is released once.
        unsafe {
            assert_eq!(bg_extension_setup_factory_open(configuration.as_ptr(), &raw mut factory), 0);
            let path = c"IIS://localhost/W3SVC/1/ROOT/drop";
            assert_eq!(bg_extension_setup_factory_get_object(factory, path.as_ptr(), &raw mut setup), 0);
            bg_extension_setup_factory_release(factory);
        }
        Setup(setup)
    }

    fn enable(&self) -> bg_result {
        // SAFETY: the handle is released when this is dropped.
        unsafe { bg_extension_setup_enable_bits_uploads(self.0) }
    }

    fn disable(&self) -> bg_result {
        // SAFETY: as above.
        unsafe { bg_extension_setup_disable_bits_uploads(self.0) }
    }
}

impl Drop for Setup {
    fn drop(&mut self) {
        // SAFETY: nobody uses it after this.
        unsafe { bg_extension_setup_release(self.0) };
    }
}

/// A configuration in which uploads to `/drop` are disabled.
fn configuration(world: &World) -> String {
    format!(
        "listen = [\"127.0.0.1:0\"]\n[control]\nsocket = {:?}\n\
         [[directory]]\nurl_prefix = \"/drop\"\npath = {:?}\nanonymous = true\n",
        world.path("control"),
        world.path("drop")
    )
}

/// A job that uploads eight bytes to a name in `/drop`.
fn upload(world: &World, queue: &Manager, server: &Server, name: &str) -> Job {
    let path = world.path("of the user");
    fs::write(&path, "contents").unwrap();
    let job = queue.create_job("upload", JobType::Upload).unwrap();
    job.set_priority(JobPriority::Foreground).unwrap();
    let url = format!("http://{}/drop/{name}", server.address);
    job.add_file(&url, path.to_str().unwrap()).unwrap();
    job.resume().unwrap();
    job
}

fn ends(job: &Job, expected: JobState) {
    let (state, _) = job.wait(Some(support::PATIENCE), None).unwrap();
    assert_eq!(state, expected, "{:?}", job.error());
}

#[test]
fn a_program_enables_uploads_the_running_server_receives_one_and_refuses_the_next_when_they_are_disabled() {
    let world = World::new();
    let server = world.serve_file(&configuration(&world));
    let queue = Manager::open(Settings { directory: world.path("queue"), ..Settings::default() }).unwrap();
    let setup = Setup::new(&world);
    let disabled = (501, "0x80070005", "0x5");
    assert_eq!(server.ask(&create("/drop/early"), b"").failure(), disabled);

    assert_eq!(setup.enable(), 0);
    let job = upload(&world, &queue, &server, "file");
    ends(&job, JobState::Transferred);
    job.complete().unwrap();
    assert_eq!(fs::read(world.drop("file")).unwrap(), b"contents");

    assert_eq!(setup.disable(), 0);
    let job = upload(&world, &queue, &server, "late");
    ends(&job, JobState::Error);
    let error = job.error().unwrap();
    let refusal = (error.code(), error.http_status());
    assert_eq!(refusal, (ResultCode::BG_E_ACCESSDENIED, Some(501)), "{error:?}");
    assert!(!world.drop("late").exists() && world.drop("file").exists());
    assert_eq!(server.ask(&create("/drop/early"), b"").failure(), disabled);
}

#[test]
fn uploads_that_were_enabled_without_a_server_are_received_by_the_next_one() {
    let world = World::new();
    fs::write(world.path("server.toml"), configuration(&world)).unwrap();
    let setup = Setup::new(&world);
    assert_eq!(setup.enable(), 0);
    let server = Server::start(&world.path("server.toml"));
    server.connect().create("/drop/file");
}

#[test]
fn a_server_that_cannot_follow_says_why_and_nothing_is_changed() {
    let world = World::new();
    let server = world.serve_file(&configuration(&world));
    let setup = Setup::new(&world);
    // Somebody's file is where the server has its sessions.
    fs::write(world.drop("BITS-Sessions"), "").unwrap();
    assert_eq!(setup.enable(), ResultCode::BG_E_WIN32_CAN_NOT_COMPLETE.0);
    assert!(!world.path("server.d/zz-uploads-drop.toml").exists());
    assert_eq!(server.ask(&create("/drop/file"), b"").failure().0, 501);
    fs::remove_file(world.drop("BITS-Sessions")).unwrap();
    assert_eq!(setup.enable(), 0);
    server.connect().create("/drop/file");
}

#[test]
fn the_reload_command_succeeds_when_the_configuration_is_in_force_and_says_what_is_wrong_with_it() {
    let world = World::new();
    let server = world.serve_file(&configuration(&world));
    let reload = || {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_bgcopy-server"));
        command.arg("--control").arg(world.path("control")).arg("reload").output().unwrap()
    };
    let text = configuration(&world) + "upload_enabled = true\n";
    fs::write(world.path("server.toml"), text.clone() + "wrong = 1\n").unwrap();
    let refused = reload();
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && said.contains("server.toml") && said.contains("wrong"), "{said}");
    assert_eq!(server.ask(&create("/drop/file"), b"").failure().0, 501);
    fs::write(world.path("server.toml"), text).unwrap();
    assert!(reload().status.success());
    server.connect().create("/drop/file");
}
