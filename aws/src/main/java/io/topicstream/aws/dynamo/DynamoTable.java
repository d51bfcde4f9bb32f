package io.topicstream.aws.dynamo;

import io.topicstream.row.BadRowException;
import java.util.Map;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;

/// The table in which everything stands: its keys are two texts, `pk` and `sk`, and rows end by themselves at `x`.
///
/// The first letters of `pk` say what a row is; each class has those of its own:
///
/// ```
/// L#topic            the log of a topic
/// A#topic            segments of a topic
/// N                  names of topics
/// I#topic            message ids of a topic
/// R#topic            what is about messages of a topic
/// E                  the epoch
/// M                  how far topics are that a migration fills
/// S#partition        durable state
/// V#partition        state that need not outlive a node
/// ```
///
/// @param client takes its time-outs and retries with it
/// @param name of the table, which exists
public record DynamoTable(DynamoDbClient client, String name) {
    static final String PK = "pk";
    static final String SK = "sk";

    /// When a row ends, in seconds; DynamoDB deletes it some time after, so a reader looks at the time too.
    static final String EXPIRES = "x";

    /// Of which form a row is: all rows of a log and of states say it.
    static final String FORM = "u";

    /// The one that this version writes. Rows of another one are refused, never guessed at.
    static final AttributeValue THIS_FORM = AttributeValue.fromN("1");

    /// Refuses a row that this version cannot read.
    static void requireForm(Map<String, AttributeValue> row) {
        AttributeValue form = row.get(FORM);
        if (!THIS_FORM.equals(form)) {
            throw new BadRowException("a row has the format version " + (form == null ? "none" : form.n())
                    + ", which this version does not know");
        }
    }

    /// Makes the table, paid by request, and waits until it is there.
    public static DynamoTable create(DynamoDbClient client, String name) {
        client.createTable(table -> table.tableName(name)
                .billingMode(BillingMode.PAY_PER_REQUEST)
                .attributeDefinitions(text(PK), text(SK))
                .keySchema(key(PK, KeyType.HASH), key(SK, KeyType.RANGE)));
        client.waiter().waitUntilTableExists(table -> table.tableName(name));
        client.updateTimeToLive(table -> table.tableName(name)
                .timeToLiveSpecification(ttl -> ttl.attributeName(EXPIRES).enabled(true)));
        return new DynamoTable(client, name);
    }

    private static AttributeDefinition text(String attribute) {
        return AttributeDefinition.builder()
                .attributeName(attribute)
                .attributeType(ScalarAttributeType.S)
                .build();
    }

    private static KeySchemaElement key(String attribute, KeyType type) {
        return KeySchemaElement.builder().attributeName(attribute).keyType(type).build();
    }
}
