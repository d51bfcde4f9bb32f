package io.topicstream.aws.events;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.aws.dynamo.DynamoTable;
import io.topicstream.json.JsonWriter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/// The stream of a table, made of what its rows are: each call tells of those that changed since the last one, as a
/// function is called with it. Owned by one thread.
public final class RecordedStream {
    private final DynamoTable table;
    private Map<String, Map<String, AttributeValue>> known = new HashMap<>();
    private long number = 100;

    public RecordedStream(DynamoTable table) {
        this.table = table;
    }

    /// The records of what has changed, in the order of their keys.
    ///
    /// @param atMs when that was
    public List<String> changes(long atMs) {
        Map<String, Map<String, AttributeValue>> now = new HashMap<>();
        for (Map<String, AttributeValue> row : table.client()
                .scan(scan -> scan.tableName(table.name()).consistentRead(true))
                .items()) {
            now.put(row.get("pk").s() + "\n" + row.get("sk").s(), row);
        }
        List<String> keys = new ArrayList<>(now.keySet());
        known.keySet().stream().filter(key -> !now.containsKey(key)).forEach(keys::add);
        keys.sort(Comparator.naturalOrder());
        List<String> records = new ArrayList<>();
        for (String key : keys) {
            Map<String, AttributeValue> before = known.getOrDefault(key, Map.of());
            Map<String, AttributeValue> after = now.getOrDefault(key, Map.of());
            if (!before.equals(after)) {
                records.add(record(before, after, atMs));
            }
        }
        known = now;
        return records;
    }

    /// As a function is called.
    public static byte[] event(List<String> records) {
        return ("{\"Records\":[" + String.join(",", records) + "]}").getBytes(UTF_8);
    }

    private String record(Map<String, AttributeValue> before, Map<String, AttributeValue> after, long atMs) {
        String name = before.isEmpty() ? "INSERT" : after.isEmpty() ? "REMOVE" : "MODIFY";
        Map<String, AttributeValue> any = after.isEmpty() ? before : after;
        Map<String, AttributeValue> keys = Map.of("pk", any.get("pk"), "sk", any.get("sk"));
        return "{\"eventID\":\"e\",\"eventName\":\"" + name + "\",\"eventSource\":\"aws:dynamodb\",\"dynamodb\":{"
                + "\"ApproximateCreationDateTime\":" + atMs / 1000 + ",\"Keys\":" + row(keys)
                + (before.isEmpty() ? "" : ",\"OldImage\":" + row(before))
                + (after.isEmpty() ? "" : ",\"NewImage\":" + row(after))
                + ",\"SequenceNumber\":\"" + number++ + "\",\"StreamViewType\":\"NEW_AND_OLD_IMAGES\"}}";
    }

    private static String row(Map<String, AttributeValue> row) {
        JsonWriter json = new JsonWriter();
        String comma = "{";
        for (Map.Entry<String, AttributeValue> each : row.entrySet()) {
            AttributeValue value = each.getValue();
            String type = value.s() != null ? "S" : value.n() != null ? "N" : "B";
            String text = value.s() != null
                    ? value.s()
                    : value.n() != null
                            ? value.n()
                            : Base64.getEncoder().encodeToString(value.b().asByteArray());
            json.raw(comma.getBytes(UTF_8)).string(each.getKey()).raw(':').raw('{');
            json.string(type).raw(':').string(text).raw('}');
            comma = ",";
        }
        return json.raw('}').toString();
    }
}
