/** The site that is visited: a shop with pages, assets and an API, and what does not belong there. */
import type { Outcome, Pace } from "./response.ts";

/** Requests that come in the same situation. */
export const GROUPS = ["page", "asset", "cached asset", "call", "crawl", "tool", "probe", "check"] as const;
export type Group = (typeof GROUPS)[number];

export interface Route {
  readonly method: string;
  /** May hold one `{n}`, a number from 1 to `numbers`; small numbers are asked for more often. */
  readonly path: string;
  readonly numbers: number;
  readonly outcome: Outcome;
  /** The body of an answer with content. The same asset has the same size every time. */
  readonly bytes: readonly [number, number];
  readonly pace: Pace;
  readonly weight: number;
}

export const SITE = "https://www.example.com";

/** Where a visit begins; `-` is an address typed by hand. */
export const ENTRIES: readonly (readonly [string, number])[] = [
  ["-", 46],
  ["https://www.google.com/", 34],
  ["https://www.bing.com/", 4],
  ["https://duckduckgo.com/", 2],
  ["https://www.facebook.com/", 4],
  ["https://t.co/9cVxQ2LmRd", 2],
  ["https://www.instagram.com/", 3],
  ["android-app://com.google.android.gm/", 2],
  ["https://blog.example.org/best-shops-of-the-year?utm_source=feed", 3],
];

const WORDS = [
  "shoes",
  "blue+jeans",
  "kettle",
  "caf%C3%A9",
  "usb-c+cable",
  "tent",
  "desk+lamp",
  "guitar",
  "mate",
];
const CATEGORIES = ["home", "garden", "shoes", "books", "music", "outdoor", "kitchen", "office"];

const PAGES: Route[] = [
  page("/", 0, [17_800, 18_900], 180),
  page("/products/{n}", 48_000, [21_000, 46_000], 330),
  page("/products/{n}?ref=recommended", 48_000, [21_000, 46_000], 60),
  ...CATEGORIES.map((name) => page(`/category/${name}?page={n}`, 40, [28_000, 52_000], 22)),
  ...WORDS.map((word) => page(`/search?q=${word}&page={n}`, 9, [9000, 48_000], 14)),
  page('/search?q="garden+chair"', 0, [11_000, 13_000], 5),
  page("/search?q=7\\16+wrench", 0, [8000, 9000], 3),
  page("/search?q=café", 0, [9000, 14_000], 4),
  page("/blog/{n}", 640, [12_000, 39_000], 60),
  page("/cart", 0, [6100, 14_000], 60),
  page("/checkout?step={n}", 3, [8200, 12_000], 30),
  page("/account/orders/{n}", 900_000, [7300, 11_000], 20),
  page("/about", 0, [9340, 9340], 10),
  page("/contact", 0, [6120, 6120], 10),
  route("POST", "/login", 0, "form", [5200, 5900], "page", 24),
  route("POST", "/cart/items/{n}", 48_000, "form", [6100, 14_000], "page", 40),
  route("POST", "/checkout", 0, "form", [8200, 12_000], "page", 12),
  route("GET", "/downloads/catalogue-2025.pdf", 0, "download", [6_291_456, 6_291_456], "static", 3),
];

function assets(outcome: Outcome): Route[] {
  const asset = (path: string, numbers: number, bytes: [number, number], weight: number) =>
    route("GET", path, numbers, outcome, bytes, "static", weight);
  return [
    asset("/static/css/main.3f9c1b7e.css", 0, [48_211, 48_211], 70),
    asset("/static/css/print.a0d4415c.css", 0, [3390, 3390], 6),
    asset("/static/js/runtime.5be20c11.js", 0, [2514, 2514], 60),
    asset("/static/js/vendor.91f7ab3d.js", 0, [187_902, 187_902], 70),
    asset("/static/js/app.{n}.chunk.js", 24, [4000, 88_000], 120),
    asset("/static/fonts/inter-v12-latin.woff2", 0, [22_904, 22_904], 50),
    asset("/static/img/logo.svg", 0, [2977, 2977], 60),
    asset("/static/img/hero-{n}.webp", 12, [64_000, 240_000], 40),
    asset("/media/products/{n}/small.jpg", 48_000, [2900, 16_000], 380),
    asset("/media/products/{n}/large.jpg?w=1200", 48_000, [48_000, 310_000], 90),
    asset("/favicon.ico", 0, [1150, 1150], 40),
    asset("/site.webmanifest", 0, [436, 436], 8),
  ];
}

const CALLS: Route[] = [
  route("GET", "/api/v1/cart", 0, "read", [61, 2900], "api", 120),
  route("GET", "/api/v1/products/{n}/stock", 48_000, "read", [44, 90], "api", 190),
  route("GET", "/api/v1/suggest?q=sh&limit={n}", 10, "read", [20, 1400], "api", 130),
  route("GET", "/api/v1/recommendations?product={n}", 48_000, "read", [1800, 7200], "api", 90),
  route("POST", "/api/v1/cart/items", 0, "create", [180, 420], "api", 50),
  route("PUT", "/api/v1/cart/items/{n}", 48_000, "read", [180, 420], "api", 16),
  route("DELETE", "/api/v1/cart/items/{n}", 48_000, "remove", [0, 0], "api", 14),
  route("POST", "/api/v1/events?session={n}", 2_000_000_000, "create", [2, 2], "api", 120),
  route("OPTIONS", "/api/v1/events", 0, "remove", [0, 0], "refused", 20),
];

const CRAWLS: Route[] = [
  ...PAGES.slice(0, -4),
  route("GET", "/robots.txt", 0, "asset", [318, 318], "static", 60),
  route("GET", "/sitemap-{n}.xml", 60, "asset", [41_000, 980_000], "static", 40),
  route("HEAD", "/products/{n}", 48_000, "page", [0, 0], "page", 50),
  route("GET", "/media/products/{n}/large.jpg", 48_000, "asset", [48_000, 310_000], "static", 80),
];

const TOOLS: Route[] = [
  route("GET", "/api/v1/products?limit=100&offset={n}", 48_000, "read", [31_000, 88_000], "api", 220),
  route("GET", "/api/v1/products/{n}", 48_000, "read", [380, 2700], "api", 260),
  route("GET", "/api/v1/orders?since={n}", 1_900_000_000, "read", [2, 24_000], "api", 120),
  route("POST", "/api/v1/orders", 0, "create", [520, 1900], "api", 60),
  route("PATCH", "/api/v1/products/{n}", 48_000, "read", [380, 2700], "api", 40),
  route("DELETE", "/api/v1/products/{n}", 48_000, "remove", [0, 0], "api", 6),
  route("POST", "/api/v1/sessions", 0, "create", [231, 231], "api", 40),
  route("GET", "/downloads/prices-{n}.csv.gz", 700, "download", [220_000, 1_900_000], "static", 14),
];

const PROBES: Route[] = [
  ...["/wp-login.php", "/.env", "/.git/config", "/phpmyadmin/index.php", "/admin/", "/cgi-bin/status"].map(
    (path) => route("GET", path, 0, "probe", [0, 0], "refused", 20),
  ),
  route(
    "GET",
    "/index.php?s=/index/\\think\\app/invokefunction&function=phpinfo",
    0,
    "probe",
    [0, 0],
    "refused",
    12,
  ),
  route("GET", '/products/1"+or+"1"="{n}', 900, "probe", [0, 0], "refused", 12),
  route("GET", "/scripts/..\\..\\windows\\system32\\cmd.exe", 0, "probe", [0, 0], "refused", 8),
  route("POST", "/xmlrpc.php", 0, "probe", [0, 0], "refused", 12),
  route("GET", "/backup-{n}.zip", 400, "probe", [0, 0], "refused", 10),
];

const CHECKS: Route[] = [
  route("GET", "/health", 0, "check", [15, 15], "refused", 80),
  route("HEAD", "/", 0, "check", [0, 0], "page", 20),
];

export const ROUTES: Readonly<Record<Group, readonly Route[]>> = {
  page: PAGES,
  asset: assets("asset"),
  "cached asset": assets("cached asset"),
  call: CALLS,
  crawl: CRAWLS,
  tool: TOOLS,
  probe: PROBES,
  check: CHECKS,
};

function page(path: string, numbers: number, bytes: [number, number], weight: number): Route {
  return route("GET", path, numbers, "page", bytes, "page", weight);
}

function route(
  method: string,
  path: string,
  numbers: number,
  outcome: Outcome,
  bytes: readonly [number, number],
  pace: Pace,
  weight: number,
): Route {
  return { method, path, numbers, outcome, bytes, pace, weight };
}
