package io.topicstream.cli;

import java.util.List;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.reader.LineReader;
import org.jline.reader.ParsedLine;

/// Completes what is typed into a chat: commands, rooms, users. Only with what is known already: it runs while
/// the terminal is locked, so it waits for nothing and takes no other lock.
final class ChatCompleter implements Completer {
    private final Acquaintances acquaintances;

    ChatCompleter(Acquaintances acquaintances) {
        this.acquaintances = acquaintances;
    }

    @Override
    public void complete(LineReader reader, ParsedLine line, List<Candidate> candidates) {
        if (line.wordIndex() == 0) {
            if (line.word().startsWith("/")) {
                for (Typed.Command command : Typed.Command.values()) {
                    candidates.add(
                            new Candidate(command.word(), command.usage(), null, command.meaning(), null, null, true));
                }
            }
        } else if (line.wordIndex() == 1) {
            switch (line.words().getFirst()) {
                case "/join" ->
                    acquaintances.rooms().stream().filter(ChatCompleter::isWord).forEach(room -> {
                        String shown = TerminalText.safe(room);
                        if (shown.equals(room)) {
                            candidates.add(new Candidate(room));
                        }
                    });
                case "/private", "/who" -> acquaintances.users().forEach((id, name) -> addUser(id, name, candidates));
                default -> {}
            }
        }
    }

    private static void addUser(String id, String name, List<Candidate> candidates) {
        String shown = TerminalText.safe(name);
        candidates.add(new Candidate(id, id, null, shown.isEmpty() ? null : shown, null, null, true));
        if (isWord(name) && shown.equals(name)) {
            candidates.add(new Candidate(name, name, null, id, null, null, true));
        }
    }

    private static boolean isWord(String text) {
        return !text.isEmpty() && text.chars().noneMatch(Character::isWhitespace);
    }
}
