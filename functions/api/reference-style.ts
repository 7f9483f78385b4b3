/** The reference page's look: one column to read, one to find one's way, both colour schemes. */
export const pageStyle = `
:root{--ink:#1b2430;--soft:#5b6878;--line:#dfe5ec;--page:#fff;--panel:#f5f7fa;--accent:#0b5cad;--get:#0b6e4f;--post:#0b5cad;--patch:#8a5a00;--bad:#b3261e;--mark:#fff3cd;color-scheme:light dark}
@media(prefers-color-scheme:dark){:root{--ink:#e6ebf1;--soft:#9aa7b6;--line:#2b3542;--page:#12171d;--panel:#1a2129;--accent:#7cb8f5;--get:#6fd3ae;--post:#7cb8f5;--patch:#f0c36b;--bad:#f2b8b5;--mark:#3a3215}}
*{box-sizing:border-box}
html{scroll-padding-top:1rem}
@media(prefers-reduced-motion:no-preference){html{scroll-behavior:smooth}}
body{margin:0;display:grid;grid-template-columns:19rem minmax(0,1fr);color:var(--ink);background:var(--page);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
nav{padding:1.5rem 1.25rem;background:var(--panel);font-size:.875rem}
nav ul{list-style:none;margin:.25rem 0 0;padding:0}
nav li a{display:flex;align-items:baseline;padding:.2rem 0;line-height:1.4;color:var(--ink)}
nav .group{margin:1.1rem 0 0;color:var(--soft);font-weight:600}
nav li span{flex:none;width:3.6rem;font-size:.6875rem;font-weight:700}
.name{margin:0 0 1rem;font-size:1.125rem;font-weight:650}
.beside{position:sticky;top:0;height:100vh;overflow-y:auto;border-right:1px solid var(--line)}
.above{display:none;padding:.75rem 1.25rem;border-bottom:1px solid var(--line)}
.above summary{cursor:pointer;color:var(--accent)}
.above .name{margin-right:.5rem;color:var(--ink)}
main{padding:2.5rem clamp(1.25rem,4vw,4rem) 6rem;max-width:62rem}
h1{margin:0 0 1rem;font-size:2.25rem;line-height:1.15;letter-spacing:-.02em}
h2{margin:3.5rem 0 .5rem;padding-top:1.5rem;border-top:1px solid var(--line);font-size:1.5rem}
h3{margin:2.25rem 0 .5rem;font-size:1.1875rem}
h4{margin:1.5rem 0 .25rem;font-size:.875rem;color:var(--soft)}
a{color:var(--accent);text-decoration:none}
a:hover,a:focus-visible{text-decoration:underline}
p{margin:.5rem 0}
code{font:.875em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
.route{display:flex;flex-wrap:wrap;justify-content:space-between;gap:.35rem 1rem;padding:.5rem .75rem;border:1px solid var(--line);border-radius:.375rem;background:var(--panel)}
.scopes{display:flex;flex-wrap:wrap;align-items:center;gap:.35rem}
.scope{padding:.1rem .55rem;border:1px solid var(--line);border-radius:1rem;background:var(--page);color:var(--soft);font-size:.8125rem}
.get{color:var(--get)}.post{color:var(--post)}.patch{color:var(--patch)}.delete{color:var(--bad)}.good{color:var(--get)}.bad{color:var(--bad)}
.good,.bad{display:inline-block;min-width:2.25rem}
.pattern{color:var(--soft)}
main ul{margin:.5rem 0;padding-left:1.25rem}
.refusals{padding:0;list-style:none}
.refusals li{padding:.15rem 0}.refusals .bad{float:left}.refusals span{display:block;margin-left:2.5rem}
table{width:100%;border-collapse:collapse;font-size:.9375rem}
th{padding:.45rem .75rem .45rem 0;text-align:left;color:var(--soft);font-size:.875rem}
td{padding:.45rem .75rem .45rem 0;border-top:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}
td:first-child{width:13rem}
.problems td:first-child{width:17rem}
tr:target{background:var(--mark)}
small{color:var(--soft)}
figure{margin:.5rem 0}
figcaption{color:var(--soft);font-size:.8125rem}
pre{margin:0;padding:.75rem 1rem;overflow-x:auto;border:1px solid var(--line);border-radius:.375rem;background:var(--panel)}
pre code{overflow-wrap:normal}
@media(max-width:56rem){body{display:block}.beside{display:none}.above{display:block}h1{font-size:1.75rem}thead{display:none}table,tbody{display:block}td,td:first-child,.problems td:first-child{display:block;width:auto;padding:.1rem 0;border-top:0}td:empty{display:none}tr{display:block;padding:.45rem 0;border-top:1px solid var(--line)}}
`;
