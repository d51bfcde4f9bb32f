package io.topicstream.client;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A piece of the list of those who are in a topic.
///
/// @param count how many users are in it, on this page or not
/// @param next what the next page starts after, or null at the end
public record MemberPage(
        List<Member> members, long count, @Nullable String next) {
    public MemberPage {
        members = List.copyOf(members);
    }
}
