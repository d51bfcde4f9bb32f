package io.topicstream.aws.dynamo;

import java.util.Map;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/// What is known of a topic as a whole. It stands in the row `H` beside the batches, once something has ended, was
/// taken back or was archived:
///
/// ```
/// f  first offset that is kept   g  epoch of the message before it   y  as in [Slot], of the batches before it
/// w  mark of who moved them
/// a  what is before this offset stands in segments     c  what is left of the rows before it ends by itself
/// d  what is left of messages before this offset that have ended is gone
/// r  how often something was taken back     u  format version: 1
/// ```
///
/// `f`, `a`, `c` and `d` only rise.
///
/// @param first the first offset that is kept
/// @param epochBefore in which the message before it was written; 0 if there was no such message
/// @param bytesBefore what the batches before it count
/// @param archived messages before this offset stand in segments, those from it on in rows
/// @param ending the rows of batches before this offset have nothing but ids, and an end
/// @param cleaned nothing is left of the messages before this offset
/// @param redactions how often something was taken back
record Head(long first, long epochBefore, long bytesBefore, long archived, long ending, long cleaned, long redactions) {
    static final String FIRST = "f";
    static final String EPOCH_BEFORE = "g";
    static final String ARCHIVED = "a";
    static final String ENDING = "c";
    static final String CLEANED = "d";
    static final String REDACTIONS = "r";

    static final Head NONE = new Head(1, 0, 0, 1, 1, 1, 0);

    static Head of(Map<String, AttributeValue> row) {
        DynamoTable.requireForm(row);
        return new Head(
                number(row, FIRST, 1),
                number(row, EPOCH_BEFORE, 0),
                number(row, Slot.BYTES, 0),
                number(row, ARCHIVED, 1),
                number(row, ENDING, 1),
                number(row, CLEANED, 1),
                number(row, REDACTIONS, 0));
    }

    private static long number(Map<String, AttributeValue> row, String attribute, long otherwise) {
        return row.containsKey(attribute) ? Slot.number(row, attribute) : otherwise;
    }

    /// The same with another front.
    Head from(long newFirst, long newEpochBefore, long newBytesBefore) {
        return new Head(newFirst, newEpochBefore, newBytesBefore, archived, ending, cleaned, redactions);
    }
}
