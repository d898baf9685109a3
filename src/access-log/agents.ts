/** Who sends requests, and what each of them says it is. */

export type Kind = "browser" | "crawler" | "tool" | "scanner" | "monitor";

export interface Agent {
  readonly kind: Kind;
  readonly userAgent: string;
  readonly protocol: Protocol;
  readonly weight: number;
}

export const PROTOCOLS = ["HTTP/1.1", "HTTP/2.0", "HTTP/1.0"] as const;
export type Protocol = (typeof PROTOCOLS)[number];

const DESKTOPS: [string, number][] = [
  ["Windows NT 10.0; Win64; x64", 60],
  ["Windows NT 6.1; Win64; x64", 8],
  ["Macintosh; Intel Mac OS X 10_15_7", 20],
  ["Macintosh; Intel Mac OS X 10_11_6", 2],
  ["X11; Linux x86_64", 6],
];
const PHONES: [string, number][] = [
  ["Linux; Android 10; K", 40],
  ["Linux; Android 13; SM-A536B", 9],
  ["Linux; Android 12; moto g(60)", 6],
  ["Linux; Android 14; Pixel 8", 5],
  ["Linux; Android 7.0; SM-G930V", 2],
  ["Linux; Android 5.1.1; LG-K430", 1],
];
const CHROMES: [string, number][] = [
  ["141.0.0.0", 30],
  ["140.0.0.0", 16],
  ["139.0.0.0", 7],
  ["131.0.0.0", 4],
  ["124.0.0.0", 3],
  ["120.0.0.0", 2],
  ["109.0.0.0", 3],
  ["87.0.4280.88", 1],
  ["55.0.2883.87", 1],
  ["49.0.2623.112", 1],
];
const FIREFOXES: [string, number][] = [
  ["143.0", 12],
  ["140.0", 8],
  ["128.0", 4],
  ["115.0", 3],
  ["78.0", 1],
  ["52.0", 1],
  ["50.0", 1],
];
const IPHONES: [string, string, number][] = [
  ["18_6", "18.6", 30],
  ["17_6_1", "17.6", 18],
  ["16_7_10", "16.6", 6],
  ["15_8_3", "15.6", 3],
  ["12_5_7", "12.1.2", 1],
  ["10_2", "10.0", 1],
];
const WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)";
const SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko)";

const CRAWLERS: [string, number][] = [
  ["Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", 30],
  ["Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", 18],
  ["Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)", 6],
  ["Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)", 5],
  ["DuckDuckBot/1.1; (+http://duckduckgo.com/duckduckbot.html)", 3],
  ["Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)", 10],
  ["Mozilla/5.0 (compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)", 8],
  ["facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)", 4],
  ["Mozilla/5.0 (compatible; MJ12bot/v1.4.8; http://mj12bot.com/)", 4],
];
const TOOLS: [string, number][] = [
  ["curl/8.5.0", 20],
  ["curl/7.29.0", 10],
  ["Wget/1.14 (linux-gnu)", 6],
  ["Wget/1.21.4", 5],
  ["python-requests/2.32.3", 18],
  ["Python-urllib/3.11", 4],
  ["Go-http-client/1.1", 12],
  ["okhttp/4.12.0", 14],
  ["Java/1.8.0_111", 4],
  ["Apache-HttpClient/4.5.2 (Java/1.8.0_101)", 4],
  ["PostmanRuntime/7.43.0", 3],
  ['StockSync/2.4 (branch "Sul"; C:\\Sync\\stock.exe)', 2],
];
const SCANNERS: [string, number][] = [
  ["Mozilla/5.0 zgrab/0.x", 20],
  ["masscan/1.3 (https://github.com/robertdavidgraham/masscan)", 8],
  ["sqlmap/1.8.2#stable (https://sqlmap.org)", 8],
  ["Mozilla/5.0 (compatible; Nmap Scripting Engine; https://nmap.org/book/nse.html)", 8],
  ['() { :; }; /bin/bash -c "echo \\"$(id)\\""', 4],
  ["-", 16],
];
const MONITORS: [string, number][] = [
  ["ELB-HealthChecker/2.0", 60],
  ["kube-probe/1.28", 20],
  ["Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)", 10],
];

export const AGENTS: readonly Agent[] = [
  ...DESKTOPS.flatMap(([system, share]) =>
    CHROMES.map(([v, weight]) => browser(`(${system}) ${WEBKIT} Chrome/${v} Safari/537.36`, share * weight)),
  ),
  ...CHROMES.slice(0, 4).map(([v, weight]) =>
    browser(`(${DESKTOPS[0]![0]}) ${WEBKIT} Chrome/${v} Safari/537.36 Edg/${v}`, 10 * weight),
  ),
  ...DESKTOPS.flatMap(([system, share]) =>
    FIREFOXES.map(([v, weight]) =>
      browser(`(${system}; rv:${v}) Gecko/20100101 Firefox/${v}`, share * weight),
    ),
  ),
  ...PHONES.flatMap(([phone, share]) =>
    CHROMES.map(([v, weight]) =>
      browser(`(${phone}) ${WEBKIT} Chrome/${v} Mobile Safari/537.36`, share * weight),
    ),
  ),
  ...IPHONES.map(([system, v, weight]) =>
    browser(
      `(iPhone; CPU iPhone OS ${system} like Mac OS X) ${SAFARI} Version/${v} Mobile/15E148 Safari/604.1`,
      40 * weight,
    ),
  ),
  ...["18.6", "17.6", "16.6", "13.1.2"].map((v, age) =>
    browser(`(Macintosh; Intel Mac OS X 10_15_7) ${SAFARI} Version/${v} Safari/605.1.15`, 400 >> age),
  ),
  old("Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko", 60),
  old("Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 5.1; Trident/4.0)", 15),
  old("Opera/9.80 (Windows NT 6.1; WOW64) Presto/2.12.388 Version/12.18", 10),
  ...CRAWLERS.map(([userAgent, weight]) => other("crawler", userAgent, weight)),
  ...TOOLS.map(([userAgent, weight]) => other("tool", userAgent, weight)),
  ...SCANNERS.map(([userAgent, weight]) => other("scanner", userAgent, weight)),
  ...MONITORS.map(([userAgent, weight]) => other("monitor", userAgent, weight)),
];

function browser(rest: string, weight: number): Agent {
  return { kind: "browser", userAgent: `Mozilla/5.0 ${rest}`, protocol: "HTTP/2.0", weight };
}

function old(userAgent: string, weight: number): Agent {
  return { kind: "browser", userAgent, protocol: "HTTP/1.1", weight };
}

function other(kind: Kind, userAgent: string, weight: number): Agent {
  const isOld = userAgent.startsWith("Wget/1.14") || userAgent.startsWith("masscan");
  return { kind, userAgent, protocol: isOld ? "HTTP/1.0" : "HTTP/1.1", weight };
}
