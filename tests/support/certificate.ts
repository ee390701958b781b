import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate for 127.0.0.1 that nobody but its holder has signed, made by openssl. */
export const selfSigned = async () => {
  const directory = await mkdtemp(join(tmpdir(), 'ledger-certificate-'));
  await chmod(directory, 0o755);
  const files = { cert: join(directory, 'cert.pem'), key: join(directory, 'key.pem') };
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2'],
      ...['-keyout', files.key, '-out', files.cert],
    ],
    { stdio: 'ignore' },
  );
  await chmod(files.key, 0o644);
  const remove = () => rm(directory, { recursive: true, force: true });
  return { certificate: await readFile(files.cert), files, remove };
};
