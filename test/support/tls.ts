import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { createServer } from "node:tls";
import { temporaryDirectory } from "./run-directory.ts";

/** Paths of PEM files. */
export interface Certificate {
  readonly key: string;
  readonly certificate: string;
}

/** A new certificate that vouches for itself, for host names and addresses. Needs openssl. */
export function selfSigned(hosts: readonly string[]): Certificate {
  const directory = temporaryDirectory("tls");
  const [key, certificate] = [join(directory, "key.pem"), join(directory, "certificate.pem")];
  const names = hosts.map((host) => `${/^[\d.]+$/.test(host) ? "IP" : "DNS"}:${host}`);
  const subject = ["-subj", `/CN=${hosts[0]}`, "-addext", `subjectAltName=${names.join(",")}`];
  const files = ["-keyout", key, "-out", certificate];
  const made = [
    "openssl",
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-days",
    "2",
    ...files,
    ...subject,
  ];
  const { exitCode, stderr } = Bun.spawnSync(made);
  if (exitCode !== 0) throw new Error(`openssl: ${stderr}`);
  return { key, certificate };
}

/** Takes the TLS off connections on loopback and passes what was in it on to `http://host:port`, byte by byte. */
export async function startTlsFront(upstream: string, { key, certificate }: Certificate) {
  const { hostname, port } = new URL(upstream);
  const server = createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (client) => {
    const behind = connect(Number(port), hostname);
    client.pipe(behind).pipe(client);
    client.on("error", () => behind.destroy());
    behind.on("error", () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port: ours } = server.address() as { port: number };
  return { endpoint: `https://127.0.0.1:${ours}`, port: ours, stop: () => void server.close() };
}
