// One time for the video, the room, the options and every chart. `show` draws a moment; `seek` goes there.
const data = JSON.parse(document.querySelector("#moments").textContent);
const video = document.querySelector("video");
const charts = [...document.querySelectorAll("svg.time")];
const end = Number(document.body.dataset.end) || 1;
const slider = document.querySelector(".scrub input");
const button = document.querySelector(".scrub button");
const clock = document.querySelector(".scrub output");
const map = document.querySelector("svg.map");
const seekable = [...document.querySelectorAll("tr[data-t]")];
const bars = document.querySelector(".scores");
let now = 0;
let playing = false;
let before = 0;

const filmTime = (seconds) => (video ? seconds * ((video.duration || end) / end) : 0);
const flightTime = () => video.currentTime * (end / (video.duration || end));

function indexAt(seconds) {
  let low = 0, high = data.t.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (data.t[middle] <= seconds + 1e-6) low = middle;
    else high = middle - 1;
  }
  return low;
}

function show(seconds) {
  now = Math.min(Math.max(seconds, 0), end);
  for (const chart of charts) {
    const x = Number(chart.dataset.left) + Number(chart.dataset.span) * (now / end);
    const cursor = chart.querySelector(".cursor");
    cursor.setAttribute("x1", x);
    cursor.setAttribute("x2", x);
  }
  slider.value = now / end;
  clock.textContent = `${now.toFixed(1)} s`;
  let last = {};
  for (const row of seekable) {
    row.classList.remove("present");
    if (Number(row.dataset.t) <= now + 1e-6) last[row.closest("table").dataset.n] = row;
  }
  for (const row of Object.values(last)) row.classList.add("present");
  if (data.t.length) moment(indexAt(now));
}

function moment(i) {
  const [x, y] = data.at[i];
  map.querySelector(".drone").setAttribute("transform", `translate(${x} ${y}) rotate(${-data.yaw[i]})`);
  const scale = Number(map.dataset.scale), heading = (data.yaw[i] * Math.PI) / 180;
  const rim = data.sectors[i].map((cm, k) => {
    const angle = heading + (2 * Math.PI * k) / data.sectors[i].length;
    return `${x + (scale * cm * Math.cos(angle)) / 100},${y - (scale * cm * Math.sin(angle)) / 100}`;
  });
  map.querySelector(".sectors").setAttribute("points", rim.join(" "));
  document.querySelector(".sees").textContent = data.sees[i] ? `The navigator sees: ${data.sees[i]}.` : "";
  const decision = data.decisions[data.decision[i]];
  const began = data.decisions[data.switch[i]];
  if (!decision || !began) return;
  document.querySelector(".option i").style.background = decision.css;
  document.querySelector(".option b").textContent = decision.option;
  document.querySelector(".age").textContent = `for ${Math.max(0, now - began.since).toFixed(1)} s` +
    (began.previous ? `, before: ${began.previous}` : "");
  document.querySelector(".why").textContent = `Why: ${began.why}`;
  [...bars.children].forEach((bar, k) => {
    const score = decision.scores[k] || 0;
    bar.querySelector("i").style.width = `${(100 * score).toFixed(1)}%`;
    bar.querySelector("output").textContent = score.toFixed(2);
  });
}

function seek(seconds) {
  if (video) video.currentTime = filmTime(seconds);
  show(seconds);
}

function play(wanted) {
  playing = wanted;
  button.textContent = playing ? "❚❚" : "▶";
  if (playing && now >= end - 0.05) seek(0);
  if (video) playing ? video.play() : video.pause();
  before = performance.now();
  if (playing) requestAnimationFrame(step);
}

function step(time) {
  if (!playing) return;
  show(video ? flightTime() : now + (time - before) / 1000);
  before = time;
  if (now >= end - 1e-3 || (video && video.ended)) return play(false);
  requestAnimationFrame(step);
}

if (data.decisions.some((d) => d.scores.length)) {
  for (const option of data.options) {
    const row = document.createElement("div");
    row.innerHTML = `<span>${option.name}</span><div><i style="background:${option.css}"></i></div><output>0.00</output>`;
    bars.append(row);
  }
}
document.querySelectorAll("table.seek").forEach((table, n) => (table.dataset.n = n));
for (const chart of charts) {
  chart.append(chart.querySelector(".cursor"));
  chart.addEventListener("click", (event) => {
    const box = chart.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * chart.viewBox.baseVal.width;
    seek(Math.min(Math.max((x - chart.dataset.left) / chart.dataset.span, 0), 1) * end);
  });
}
for (const row of seekable) row.addEventListener("click", () => seek(Number(row.dataset.t)));
slider.addEventListener("input", () => seek(Number(slider.value) * end));
button.addEventListener("click", () => play(!playing));
if (video) {
  video.addEventListener("click", () => play(!playing));
  video.addEventListener("seeked", () => playing || show(flightTime()));
}
document.addEventListener("keydown", (event) => {
  if (event.target.tagName === "INPUT" || event.target.tagName === "BUTTON") return;
  if (event.key === " ") { event.preventDefault(); play(!playing); }
  if (event.key === "ArrowRight") seek(now + 0.5);
  if (event.key === "ArrowLeft") seek(now - 0.5);
});
// A link such as report.html#t=12.5 opens at that moment.
const linked = /t=([\d.]+)/.exec(location.hash);
show(0);
if (linked) {
  const go = () => seek(Number(linked[1]));
  if (video && video.readyState < 1) video.addEventListener("loadedmetadata", go, { once: true });
  else go();
}
