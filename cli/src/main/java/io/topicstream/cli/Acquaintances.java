package io.topicstream.cli;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;
import org.jspecify.annotations.Nullable;

/// The users and rooms of which a chat has heard, to find what is meant by what is typed. Thread-safe: it is
/// asked while somebody types, and told by the listeners.
final class Acquaintances {
    private static final int MOST = 5_000;

    /// Names by ids; empty where there is no name.
    private final Map<String, String> users = new ConcurrentSkipListMap<>();

    private final Set<String> rooms = new ConcurrentSkipListSet<>();

    void user(@Nullable String id, @Nullable String name) {
        if (id != null && (users.size() < MOST || users.containsKey(id))) {
            if (name != null) {
                users.put(id, name);
            } else {
                users.putIfAbsent(id, "");
            }
        }
    }

    void room(String room) {
        if (rooms.size() < MOST) {
            rooms.add(room);
        }
    }

    Map<String, String> users() {
        return users;
    }

    Set<String> rooms() {
        return rooms;
    }

    /// The name of a user, or the id of one without a name.
    String nameOf(String id) {
        String name = users.get(id);
        return name == null || name.isEmpty() ? id : name;
    }

    /// The ids of those who may be meant: the one of this id, or else those of this name, in capitals or small
    /// letters.
    List<String> meant(String typed) {
        if (users.containsKey(typed)) {
            return List.of(typed);
        }
        return users.entrySet().stream()
                .filter(user -> user.getValue().equalsIgnoreCase(typed))
                .map(Map.Entry::getKey)
                .toList();
    }
}
