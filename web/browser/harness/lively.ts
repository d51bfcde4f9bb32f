import { DESKTOP } from "./browser.js";
import type { ChatPage } from "./chat-page.js";
import { ADA, BOB, type Fixture } from "./fixture.js";

export const LIVELY = "room:garden";

/** Two users in a conversation that has something of everything; the first one's page is looked at. */
export async function livelyConversation(fixture: Fixture): Promise<[ChatPage, ChatPage]> {
  const both = await fixture.two("room:reading", ADA, BOB);
  const [ada, bob] = both;
  await bob.say("Has anybody read the new chapter?");
  await ada.say("Not yet");
  await ada.createRoom("garden", "Garden club");
  await bob.open(LIVELY);
  await bob.say("Good morning! The tomatoes are **ripe**.");
  await ada.say("Lovely. Who comes on Saturday?");
  await bob.shows(["Good morning! The tomatoes are ripe.", "Lovely. Who comes on Saturday?"]);
  await bob.act("Lovely. Who comes on Saturday?", "Reply");
  await bob.say("I do, at ten. I bring the *long* ladder.");
  await ada.say("This waters the beds in the morning:");
  await ada.say('```sh\ntopicstream publish garden:valves \'{"open": 3, "minutes": 20}\'\n```');
  await bob.act("Lovely. Who comes on Saturday?", "React");
  await bob.page.getByRole("button", { name: "React with 👍" }).click();
  await bob.say("@Ada that works. What it needs is at https://example.org/garden");
  await ada.row("This waters the beds in the morning:").waitFor();
  await bob.say("See you there");
  await ada.say("See you on Saturday");
  await ada.stateOf("See you on Saturday", "read");
  return both;
}

export const SIZES = {
  desktop: DESKTOP.viewport,
  phone: { width: 390, height: 844 },
} as const;
