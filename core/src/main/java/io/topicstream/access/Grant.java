package io.topicstream.access;

import io.topicstream.log.TopicName;
import io.topicstream.log.TopicPattern;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Permissions on the topics that match a pattern.
///
/// The pattern is a [TopicPattern]. No pattern reaches the topics of the system (`sys:`), and of those of two users
/// (`dm:`) it reaches only the ones that the grant's holder has with somebody.
///
/// @param pattern the pattern
/// @param permissions at least one
public record Grant(String pattern, Set<Permission> permissions) {
    /// What a key and an anonymous connection on loopback have by default: everything but
    /// [Permission#ADMIN] and [Permission#METRICS], on every topic that is not reserved, and on one's own chats.
    public static final List<Grant> DEFAULT = List.of(
            new Grant("*", EnumSet.of(Permission.PUBLISH, Permission.SUBSCRIBE, Permission.READ, Permission.PRESENCE)));

    public Grant {
        if (!TopicPattern.isValid(pattern)) {
            throw new IllegalArgumentException("a grant's pattern is " + TopicPattern.RULE);
        }
        if (permissions.isEmpty()) {
            throw new IllegalArgumentException("a grant permits something");
        }
        permissions = Set.copyOf(permissions);
    }

    /// Reads `orders*=publish,read`, as a command line has it: the topics, and what is allowed there. Without `=`
    /// it is allowed everywhere.
    ///
    /// @throws IllegalArgumentException if it is none, saying why for the eyes of who wrote it
    public static Grant parse(String text) {
        int equals = text.indexOf('=');
        EnumSet<Permission> allowed = EnumSet.noneOf(Permission.class);
        for (String name : text.substring(equals + 1).split(",", -1)) {
            @Nullable Permission permission = Permission.of(name.strip());
            if (permission == null) {
                throw new IllegalArgumentException(
                        "'" + name.strip() + "' is no permission; they are " + Permission.wireNames());
            }
            allowed.add(permission);
        }
        return new Grant(equals < 0 ? "*" : text.substring(0, equals), allowed);
    }

    /// The same without [Permission#ADMIN] and [Permission#METRICS], for callers of whom somebody else
    /// says what they may do, and may not say that.
    public static List<Grant> modest(List<Grant> grants) {
        List<Grant> modest = new ArrayList<>();
        for (Grant grant : grants) {
            Set<Permission> left = EnumSet.copyOf(grant.permissions());
            left.remove(Permission.ADMIN);
            left.remove(Permission.METRICS);
            if (!left.isEmpty()) {
                modest.add(new Grant(grant.pattern(), left));
            }
        }
        return modest;
    }

    /// Whether the grant permits this on every topic that is not reserved.
    public boolean permitsEverywhere(Permission permission) {
        return permissions.contains(permission) && pattern.equals("*");
    }

    /// Whether the grant permits this on the topic.
    public boolean permits(Permission permission, TopicName topic) {
        return permissions.contains(permission) && TopicPattern.matches(pattern, topic);
    }
}
