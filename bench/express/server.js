// The same small shop on Express, express-session, connect-pg-simple and passport-openidconnect, with the options their
// documents recommend.
'use strict';
const express = require('express');
const session = require('express-session');
const PgSession = require('connect-pg-simple')(session);
const passport = require('passport');
const OpenIDConnect = require('passport-openidconnect');
const { Pool } = require('pg');
const path = require('node:path');

const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 16 });
const app = express();
app.set('view engine', 'ejs');
app.set('views', path.join(__dirname, 'views'));
app.set('view cache', true);
app.disable('x-powered-by');
app.use(express.urlencoded({ extended: false }));
app.use(session({
  store: new PgSession({ pool }),
  name: 'sid',
  secret: process.env.SECRET,
  resave: false,
  saveUninitialized: false,
  cookie: { httpOnly: true, sameSite: 'lax', maxAge: 30 * 24 * 3600 * 1000 },
}));

passport.use(new OpenIDConnect({
  issuer: process.env.ISSUER,
  authorizationURL: `${process.env.ISSUER}/authorize`,
  tokenURL: `${process.env.ISSUER}/token`,
  userInfoURL: `${process.env.ISSUER}/userinfo`,
  skipUserProfile: true,
  clientID: process.env.CLIENT_ID,
  clientSecret: process.env.SECRET,
  callbackURL: '/auth/callback',
  nonce: true,
}, (issuer, profile, done) => done(null, { id: profile.id })));
passport.serializeUser((user, done) => done(null, user));
passport.deserializeUser((user, done) => done(null, user));
app.use(passport.session());

const units = (req) => Object.values(req.session.cart || {}).reduce((sum, n) => sum + n, 0);

app.get('/products', async (req, res) => {
  const { rows } = await pool.query('SELECT sku, slug, name, summary, price, stock FROM products ORDER BY name LIMIT 12');
  res.render('list', { products: rows, units: units(req) });
});

app.get('/products/:slug', async (req, res) => {
  const { rows: [product] } = await pool.query({
    name: 'product', text: 'SELECT sku, slug, name, room, summary, price, stock FROM products WHERE slug = $1', values: [req.params.slug],
  });
  if (!product) return res.sendStatus(404);
  const { rows: related } = await pool.query({
    name: 'related', text: 'SELECT slug, name, summary, price, stock FROM products WHERE room = $1 AND slug <> $2 LIMIT 4',
    values: [product.room, product.slug],
  });
  res.render('product', { product, related, units: units(req) });
});

app.post('/cart/lines', async (req, res) => {
  const { rows: [product] } = await pool.query({
    name: 'stock', text: 'SELECT stock FROM products WHERE sku = $1', values: [req.body.sku],
  });
  if (!product) return res.sendStatus(404);
  const cart = req.session.cart || (req.session.cart = {});
  const wanted = (cart[req.body.sku] || 0) + Number(req.body.quantity || 1);
  if (wanted <= Number(process.env.MOST)) cart[req.body.sku] = wanted;
  res.redirect(303, '/cart');
});

app.get('/cart', (req, res) => res.json(req.session.cart || {}));

app.post('/cart/forget', (req, res, next) => {
  req.session.destroy((err) => (err ? next(err) : res.redirect(303, '/cart')));
});

app.post('/login', passport.authenticate('openidconnect'));

app.get('/auth/callback', passport.authenticate('openidconnect', { failureRedirect: '/login', keepSessionInfo: true }),
  (req, res) => res.redirect(303, '/'));

const server = app.listen(Number(process.env.PORT), '127.0.0.1', () => console.log('ready'));
process.on('SIGTERM', () => server.close(() => pool.end()));
