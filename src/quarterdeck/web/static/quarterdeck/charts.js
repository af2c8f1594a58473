// Pictures come drawn from the server. Those with a specification are drawn again at the width they really have,
// with the values under the pointer. Colours are names of tokens, so a picture follows the page's theme by itself.
const bundle = new URL(document.querySelector("meta[name='vega']")?.content ?? "", location.href).href;
let loading = null;

function load() {
  loading ??= new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = bundle;
    script.onload = () => done(window.vegaEmbed);
    script.onerror = failed;
    document.head.append(script);
  });
  return loading;
}

const tip = document.createElement("div");
tip.className = "tip";
tip.hidden = true;
tip.setAttribute("aria-hidden", "true");
document.body.append(tip);

function show(_, event, __, value) {
  if (!value || typeof value !== "object") {
    tip.hidden = true;
    return;
  }
  tip.replaceChildren(
    ...Object.entries(value).flatMap(([name, held]) => {
      const title = document.createElement("span");
      const words = document.createElement("b");
      title.textContent = name;
      words.textContent = String(held ?? "—");
      return [title, words];
    }),
  );
  tip.hidden = false;
  const right = event.clientX + 14 + tip.offsetWidth > innerWidth;
  tip.style.left = `${right ? event.clientX - 14 - tip.offsetWidth : event.clientX + 14}px`;
  tip.style.top = `${Math.min(event.clientY + 14, innerHeight - tip.offsetHeight - 8)}px`;
}

async function specification(picture) {
  const here = picture.querySelector("script[type='application/json']");
  if (here) return JSON.parse(here.textContent);
  const answer = await fetch(picture.dataset.spec, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

async function draw(picture) {
  const drawn = picture.querySelector(".drawn");
  const width = Math.floor(drawn.clientWidth);
  if (!width || picture.dataset.width === String(width)) return;
  picture.dataset.width = String(width);
  try {
    const [embed, spec] = await Promise.all([load(), specification(picture)]);
    const label = drawn.querySelector("svg")?.getAttribute("aria-label") ?? "";
    const place = document.createElement("div");
    await embed(place, { ...spec, width }, {
      ast: true, actions: false, renderer: "svg", defaultStyle: false, tooltip: show, mode: "vega-lite",
    });
    const image = place.querySelector("svg");
    for (const part of image.querySelectorAll("[role]")) {
      part.removeAttribute("role");
      part.removeAttribute("aria-roledescription");
    }
    image.setAttribute("class", "chart");
    image.setAttribute("role", "img");
    image.setAttribute("aria-label", label);
    drawn.replaceChildren(image);
  } catch (reason) {
    console.warn("the picture stays as the server drew it", reason);
  }
}

const resized = new ResizeObserver((entries) => {
  for (const entry of entries) draw(entry.target.closest(".picture"));
});
const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    seen.unobserve(entry.target);
    resized.observe(entry.target.querySelector(".drawn"));
  }
}, { rootMargin: "200px" });

function find(within) {
  for (const picture of within.querySelectorAll(".picture[data-live]:not([data-found])")) {
    picture.dataset.found = "";
    seen.observe(picture);
  }
}
find(document);
document.addEventListener("htmx:load", (event) => find(event.target.parentElement ?? document));
