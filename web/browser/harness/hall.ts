import { ChatPage } from "./chat-page.js";
import type { Proxy } from "./proxy.js";
import { eventually } from "./waiting.js";

/** A room of two in which each message is awaited at both. */
export class Hall {
  readonly said: string[] = [];
  readonly #ada: ChatPage;
  readonly #bob: ChatPage;

  private constructor(ada: ChatPage, bob: ChatPage) {
    this.#ada = ada;
    this.#bob = bob;
  }

  /** The one makes the room, the other finds it and joins, and they greet each other. */
  static async of(ada: ChatPage, bob: ChatPage): Promise<Hall> {
    await ada.createRoom("hall", "The hall");
    await ada.place("room:hall").getByText("The hall").waitFor();
    await bob.page.getByRole("button", { name: "Find or create a room" }).first().click();
    await bob.page.getByRole("button", { name: "Join The hall" }).click();
    await bob.log.waitFor();
    const hall = new Hall(ada, bob);
    await hall.say(ada, "Good morning");
    await hall.say(bob, "And to you");
    return hall;
  }

  async say(from: ChatPage, text: string): Promise<void> {
    await from.say(text);
    this.said.push(text);
    for (const page of [this.#ada, this.#bob]) await page.shows(this.said);
  }

  /** Both lose the network, come back by themselves, and go on. */
  async loseTheNetwork(proxy: Proxy): Promise<void> {
    proxy.cut();
    await eventually(
      "the loss is known",
      () => this.#ada.connection(),
      (state) => state !== "online",
    );
    proxy.mend();
    await Promise.all([this.#ada.online(), this.#bob.online()]);
    await this.say(this.#ada, "Where were we?");
  }

  /** Whose page is loaded anew finds all that was said. */
  async reload(page: ChatPage): Promise<void> {
    await page.page.reload();
    await page.online();
    await page.open("room:hall");
    await page.shows(this.said);
  }
}
