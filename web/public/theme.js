// Before the first paint: the theme and the text size of the last time, so that nothing flashes.
(function () {
  try {
    var look = (localStorage.getItem("topicstream.chat.look") || "").split(" ");
    if (/^(light|dark|system)$/.test(look[0])) document.documentElement.dataset.theme = look[0];
    if (/^(small|normal|large)$/.test(look[1])) document.documentElement.dataset.text = look[1];
  } catch {
    // Without storage the theme is that of the system.
  }
})();
