import { createHash } from 'node:crypto';

const STYLE = `
body { font: 16px/1.5 system-ui, sans-serif; max-width: 42rem; margin: 3rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; }
label { display: block; padding: .2rem 0; }
code { background: #eee; padding: .1rem .3rem; }
table { border-collapse: collapse; } td { padding: .1rem 1rem .1rem 0; }
.wrong { color: #a00; }
.demo { border-left: 4px solid #c80; padding-left: 1rem; }
`;

const styleHash = createHash('sha256').update(STYLE).digest('base64');

/** Headers of every page: it loads nothing, is in no frame, and sends its form only to this machine. */
export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': [
    `default-src 'none'`,
    `style-src 'sha256-${styleHash}'`,
    `form-action 'self' http://127.0.0.1:*`,
    `frame-ancestors 'none'`,
    `base-uri 'none'`,
  ].join('; '),
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A text as it may stand in HTML. */
const safe = (text: string): string => text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? '');

const page = (title: string, body: string): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>${safe(title)}</title>` +
  `<style>${STYLE}</style><h1>${safe(title)}</h1>` +
  '<p class="demo">This is a demo. Nobody is asked for a password, and the secrets below are shown to ' +
  'everybody. It is there only while no issuer is configured.</p>' +
  `${body}</html>`;

/** One who can be picked, with the secret of the one-time codes and the code of this half minute. */
interface Choice {
  readonly id: string;
  readonly label: string;
  readonly secret: string;
  readonly code: string;
}

/** The page on which one picks who one is, and shows a second factor where one likes or has to. */
export const loginPage = (shown: {
  readonly action: string;
  readonly choices: readonly Choice[];
  readonly needsCode: boolean;
  readonly wrong: string | null;
}): string => {
  const users = shown.choices.map(
    ({ id, label }, index) =>
      `<label><input type="radio" name="user" value="${safe(id)}"${index === 0 ? ' checked' : ''}> ` +
      `${safe(label)}</label>`,
  );
  const secrets = shown.choices.map(
    ({ label, secret, code }) =>
      `<tr><td>${safe(label)}<td><code>${safe(secret)}</code><td><code>${safe(code)}</code>`,
  );
  return page(
    'Who are you?',
    [
      shown.wrong === null ? '' : `<p class="wrong">${safe(shown.wrong)}</p>`,
      `<form method="post" action="${safe(shown.action)}">`,
      ...users,
      `<p><label>One-time code, six digits${shown.needsCode ? ' (needed here)' : ' (may be left out)'} `,
      `<input name="code" inputmode="numeric" autocomplete="one-time-code" maxlength="6"></label>`,
      '<p><button>Log in</button></form>',
      '<h2>Second factors</h2><p>For an authenticator: time-based, SHA-1, 30 seconds.</p>',
      '<table><tr><td>user<td>secret<td>code now',
      ...secrets,
      '</table>',
    ].join('\n'),
  );
};

/** The page for whoever comes without having been sent here: what this is, and how a machine gets in. */
export const frontPage = (shown: {
  readonly issuer: string;
  readonly client: string;
  readonly machine: string;
  readonly secret: string;
}): string =>
  page(
    'Demo login',
    [
      `<p>Discovery: <code>${safe(shown.issuer)}/.well-known/openid-configuration</code>`,
      `<p>People: client <code>${safe(shown.client)}</code>, authorization code with PKCE (S256), `,
      'back to any port of <code>http://127.0.0.1</code>, path <code>/callback</code>.',
      `<p>Machines: client <code>${safe(shown.machine)}</code> with the secret `,
      `<code>${safe(shown.secret)}</code>, client credentials.`,
    ].join('\n'),
  );

/** The page that says that something went wrong. */
export const errorPage = (what: string): string =>
  page('That did not work', `<p>${safe(what)}</p>`);
