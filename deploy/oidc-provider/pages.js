// The provider's two pages: as plain as can be, and without scripts.

const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escape = (text) => String(text).replace(/[&<>"']/g, (c) => escapes[c]);

const page = (title, body) => `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title></head>
<body><h1>${title}</h1>
${body}
</body></html>`;

// loginPage asks for a password. known is the e-mail address of who is to prove themselves once more.
export const loginPage = (action, { known = '', problem = '' } = {}) => page('Sign in', `${problem && `<p role="alert">${escape(problem)}</p>`}
<form method="post" action="${escape(action)}">
<p><label>E-mail address <input name="email" type="email" autocomplete="username" required value="${escape(known)}"></label></p>
<p><label>Password <input name="password" type="password" autocomplete="current-password" required></label></p>
<p><button name="do" value="sign-in">Sign in</button> <button name="do" value="cancel" formnovalidate>Cancel</button></p>
</form>
<p>Demo customers: alice@example.test and bob@example.test, password for both: password</p>`);

// logoutPage asks before the session ends. form is the provider's own, without a button.
export const logoutPage = (form) => page('Sign out?', `${form}
<p><button form="op.logoutForm" name="logout" value="yes">Sign out</button></p>`);
