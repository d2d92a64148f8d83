// Long lists of choices: what is typed narrows them; what is chosen always shows.
for (const field of document.querySelectorAll("input[data-find]")) {
  // Türkiye is found by “turk”
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();
  const items = [...document.getElementById(field.dataset.find).children];
  field.parentElement.hidden = false;

  field.addEventListener("input", (event) => {
    event.stopPropagation(); // it is no answer: nothing to save
    const wanted = plain(field.value.trim());
    for (const item of items) {
      const isChosen = item.querySelector("input").checked;
      item.hidden = !isChosen && !plain(item.textContent).includes(wanted);
    }
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
}
