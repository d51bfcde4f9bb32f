import { render } from "preact";
import { browserPorts, createChat } from "./model/index.js";
import { App } from "./view/app.js";
import "./view/styles/index.css";

const page = document.getElementById("page");
if (page !== null) {
  const chat = createChat(browserPorts());
  const seen = () => {
    chat.seen(document.visibilityState === "visible");
  };
  document.addEventListener("visibilitychange", seen);
  seen();
  // What the page painted before the script had come.
  page.replaceChildren();
  render(<App chat={chat} />, page);
}
