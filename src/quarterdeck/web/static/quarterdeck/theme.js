// Light or dark: the choice is kept in a cookie, so that the server writes the page in it from the first byte.
const YEAR = 31536000;

function choose(theme) {
  const page = document.documentElement;
  const secure = location.protocol === "https:" ? "; secure" : "";
  if (theme) {
    page.dataset.theme = theme;
    document.cookie = `theme=${theme}; path=/; max-age=${YEAR}; samesite=lax${secure}`;
  } else {
    delete page.dataset.theme;
    document.cookie = `theme=; path=/; max-age=0; samesite=lax${secure}`;
  }
  tell();
}

function tell() {
  const theme = document.documentElement.dataset.theme ?? "";
  for (const button of document.querySelectorAll("[data-choose-theme]")) {
    button.setAttribute("aria-pressed", String(button.dataset.chooseTheme === theme));
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-choose-theme]");
  if (button) choose(button.dataset.chooseTheme);
  if (event.target.closest("[data-turn-theme]")) {
    const now = document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    choose(now === "dark" ? "light" : "dark");
  }
});
for (const part of document.querySelectorAll("[data-themes], [data-turn-theme]")) part.hidden = false;
tell();
