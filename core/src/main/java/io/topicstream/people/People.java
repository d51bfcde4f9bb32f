package io.topicstream.people;

/// What a node knows of people, for its commands.
///
/// @param memberships which topics belong to whom
/// @param presence who is there
/// @param receipts how far users have come
/// @param acks where acks go on their way to the receipts; these themselves where there is no memory to wait in
public record People(Memberships memberships, Presence presence, Receipts receipts, Acks acks) {}
