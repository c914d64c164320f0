// One time for the video and every chart: play moves the cursors, a click on a chart seeks.
const video = document.querySelector("video");
const charts = [...document.querySelectorAll("svg.time")];
const end = Number(document.body.dataset.end) || 1;
function show(seconds) {
  for (const chart of charts) {
    const x = Number(chart.dataset.left) + Number(chart.dataset.span) * Math.min(Math.max(seconds / end, 0), 1);
    const cursor = chart.querySelector(".cursor");
    cursor.setAttribute("x1", x);
    cursor.setAttribute("x2", x);
    chart.append(cursor);
  }
}
for (const chart of charts) {
  chart.addEventListener("click", (event) => {
    const box = chart.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * chart.viewBox.baseVal.width;
    const seconds = Math.min(Math.max((x - chart.dataset.left) / chart.dataset.span, 0), 1) * end;
    if (video) video.currentTime = seconds * ((video.duration || end) / end);
    show(seconds);
  });
}
if (video) {
  const follow = () => {
    show(video.currentTime * (end / (video.duration || end)));
    requestAnimationFrame(follow);
  };
  video.addEventListener("play", follow, { once: true });
  video.addEventListener("seeked", () => show(video.currentTime * (end / (video.duration || end))));
}
show(0);
