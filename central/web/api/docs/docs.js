// The page is whole without this: it only hides what does not match, and folds the list on a phone.

const list = document.querySelector("nav details");
const find = document.querySelector(".find");
const input = find.querySelector("input");
const none = document.querySelector("nav .none");

function narrow() {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  let left = 0;
  for (const item of list.querySelectorAll("[data-find]")) {
    const said = item.dataset.find.toLowerCase();
    item.hidden = !words.every((word) => said.includes(word));
    left += !item.hidden;
  }
  for (const group of list.querySelectorAll("[data-group]")) group.hidden = !group.querySelector("li:not([hidden])");
  none.hidden = left > 0;
}

function openFirst(event) {
  if (event.key === "Enter") list.querySelector("li:not([hidden]) a")?.click();
}

const phone = matchMedia("(max-width: 860px)");
const fold = () => { list.open = !phone.matches; };

find.hidden = false;
input.addEventListener("input", narrow);
input.addEventListener("keydown", openFirst);
list.addEventListener("click", (event) => { if (phone.matches && event.target.closest("a")) list.open = false; });
phone.addEventListener("change", fold);
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target === input) return;
  event.preventDefault();
  list.open = true;
  input.focus();
});
fold();
