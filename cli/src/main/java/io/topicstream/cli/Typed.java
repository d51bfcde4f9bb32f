package io.topicstream.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What somebody has typed into a chat.
///
/// @param command its name, or null for a text that is to be said
/// @param rest what follows the command, or the text
record Typed(@Nullable Command command, String rest) {
    /// What can be asked for, in the order in which the help has it.
    enum Command {
        CHAT("/chat", "TEXT", "say something in the room, as every line does that begins with no /"),
        JOIN("/join", "ROOM", "enter a room, or come back to one; those entered before go on"),
        LEAVE("/leave", "", "leave the room"),
        PRIVATE("/private", "USER TEXT", "say something to one user alone"),
        REPLY("/reply", "[#N] TEXT", "answer what somebody said last, or the message with this number"),
        EDIT("/edit", "[#N] TEXT", "change what you said last, or your message with this number"),
        REACT("/react", "[#N] VALUE", "react to a message with an emoji, or take that back"),
        ROOMS("/rooms", "", "list the rooms in which somebody is"),
        WHO("/who", "[USER]", "list who is in the room, or say whether a user is online"),
        HISTORY("/history", "[N]", "show the last messages of the room"),
        NAME("/name", "NAME", "be shown by another name"),
        HELP("/help", "", "list these commands"),
        QUIT("/quit", "", "end the chat");

        private final String word;
        private final String parameters;
        private final String meaning;

        Command(String word, String parameters, String meaning) {
            this.word = word;
            this.parameters = parameters;
            this.meaning = meaning;
        }

        String word() {
            return word;
        }

        /// How it is written.
        String usage() {
            return parameters.isEmpty() ? word : word + " " + parameters;
        }

        String meaning() {
            return meaning;
        }
    }

    /// What the commands are called.
    static List<String> words() {
        return java.util.Arrays.stream(Command.values()).map(Command::word).toList();
    }

    /// Reads a line. One that begins with `//` is a text that begins with `/`.
    ///
    /// @throws IllegalArgumentException if it is a command that there is not
    static Typed of(String line) {
        String text = line.strip();
        if (!text.startsWith("/")) {
            return new Typed(null, text);
        }
        if (text.startsWith("//")) {
            return new Typed(null, text.substring(1));
        }
        int end = 0;
        while (end < text.length() && !Character.isWhitespace(text.charAt(end))) {
            end++;
        }
        String word = text.substring(0, end);
        for (Command command : Command.values()) {
            if (command.word.equalsIgnoreCase(word)) {
                return new Typed(command, text.substring(end).strip());
            }
        }
        throw new IllegalArgumentException(word);
    }

    /// The first word of the rest, and what follows it.
    List<String> firstAndRest() {
        String[] parts = rest.split("\\s+", 2);
        return List.of(parts[0], parts.length == 2 ? parts[1] : "");
    }
}
