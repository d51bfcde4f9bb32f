package io.topicstream.cli;

import io.topicstream.json.JsonObjectReader;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `topicstream users erase`: takes back what a user has said and deletes what else a running server keeps of
/// him, by the administrator's token.
@Command(
        name = "erase",
        description = "Take back all that a user has said, and delete what else is kept of the user. Cannot be undone.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class)
final class EraseUserCommand implements Runnable {
    private static final long LOOK_MS = 200;

    private final Surroundings surroundings;

    @Mixin
    private final Administration administration = new Administration();

    @Parameters(paramLabel = "USER", description = "The user's id; that of a guest begins with guest.")
    private String user = "";

    @Option(names = "--yes", description = "Say that it shall be done.")
    private boolean yes;

    @Option(
            names = "--compact",
            description = "Rewrite the files of the store afterwards, so that nothing is left in them either.")
    private boolean compact;

    @Option(names = "--no-wait", description = "Come back at once; the server goes on by itself.")
    private boolean comesBack;

    @Option(names = "--json", description = "Print what was done as JSON.")
    private boolean json;

    EraseUserCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public void run() {
        if (!yes) {
            throw new CommandFailure(ExitCodes.USAGE, "what is erased does not come back; --yes says that it shall be");
        }
        if (compact && comesBack) {
            throw new CommandFailure(ExitCodes.USAGE, "--compact waits for the end; leave --no-wait out");
        }
        String path = "/admin/users/" + Administration.encoded(user);
        String body = administration.ask(surroundings, "DELETE", path, "");
        while (!comesBack && text(body, "state").equals("running")) {
            pause();
            body = administration.ask(surroundings, "GET", path + "/erasure", "");
        }
        if (compact) {
            String state = text(administration.ask(surroundings, "POST", "/admin/compaction", ""), "state");
            while (state.equals("running")) {
                pause();
                state = text(administration.ask(surroundings, "GET", "/admin/compaction", ""), "state");
            }
            if (!state.equals("done")) {
                throw new CommandFailure(
                        ExitCodes.REFUSED,
                        "the user is erased; the files were not rewritten: the server's log says why");
            }
        }
        String name = TerminalText.safe(user);
        String told = comesBack
                ? name + " is being erased."
                : name + " is erased: " + number(body, "messages") + " messages taken back, in "
                        + number(body, "topics") + " topics looked at.";
        surroundings.out().println(json ? body.strip() : told);
    }

    private static void pause() {
        try {
            Thread.sleep(LOOK_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure(ExitCodes.UNREACHABLE, "interrupted; the server goes on by itself");
        }
    }

    private static String text(String body, String name) {
        JsonObjectReader.Builder members = new JsonObjectReader.Builder();
        JsonObjectReader.Member member = members.add(name);
        String text = Administration.read(members, body).string(member);
        if (text == null) {
            throw Administration.unexpected();
        }
        return text;
    }

    private static long number(String body, String name) {
        JsonObjectReader.Builder members = new JsonObjectReader.Builder();
        JsonObjectReader.Member member = members.add(name);
        return Math.max(0, Administration.read(members, body).integer(member));
    }
}
