package io.topicstream.people;

/// What a node knows of people, for its commands.
///
/// @param memberships which topics belong to whom
/// @param presence who is there
/// @param receipts how far users have come
/// @param acks where acks go on their way to the receipts; these themselves where there is no memory to wait in
/// @param names that were claimed
/// @param rooms that somebody has made
/// @param notices who is announced in a room
/// @param redactions by which messages are taken back
/// @param deletions of rooms
public record People(
        Memberships memberships,
        Presence presence,
        Receipts receipts,
        Acks acks,
        Names names,
        Rooms rooms,
        Notices notices,
        Redactions redactions,
        RoomDeletions deletions) {}
