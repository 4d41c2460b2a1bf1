// A server of the tus protocol, by its authors: node tus.mjs PORT DIRECTORY NAME. What is uploaded is the file NAME.
import { FileStore } from "@tus/file-store";
import { Server } from "@tus/server";

const [port, directory, name] = process.argv.slice(2);
const server = new Server({ path: "/files", datastore: new FileStore({ directory }), namingFunction: () => name });
server.listen({ host: "127.0.0.1", port: Number(port) });
