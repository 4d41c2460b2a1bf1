//! `bgcopy-server` on the socket that it is given, as systemd would; ends when it is killed.
//!
//! ```text
//! crash-server CONFIGURATION
//! ```

use std::error::Error;

use bgcopy_server::activation;
use bgcopy_server::server::Server;
use bgcopy_setup::config::Config;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).expect("the configuration");
    let config = Config::read(path.as_ref())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let server = Server::open(config, activation::sockets()?).await?;
        server.run(std::future::pending()).await;
        Ok(())
    })
}
