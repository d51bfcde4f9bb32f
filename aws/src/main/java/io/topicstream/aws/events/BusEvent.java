package io.topicstream.aws.events;

import java.time.Instant;

/// An event as it stands on a bus.
///
/// @param type `detail-type`
/// @param detail JSON
/// @param detailBytes how long that is in UTF-8
/// @param record number of the record of the stream that it came of
record BusEvent(String type, Instant time, String detail, int detailBytes, String record) {}
