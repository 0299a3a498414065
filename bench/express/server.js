// The same small shop on Express, express-session and connect-pg-simple, with the options their documents recommend.
'use strict';
const express = require('express');
const session = require('express-session');
const PgSession = require('connect-pg-simple')(session);
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

const server = app.listen(Number(process.env.PORT), '127.0.0.1', () => console.log('ready'));
process.on('SIGTERM', () => server.close(() => pool.end()));
