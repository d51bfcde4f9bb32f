package io.topicstream.aws.metering;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/// How large DynamoDB takes an item to be, by the rules of its developer guide ("DynamoDB item sizes and formats").
/// They are exact but for numbers, of which the guide says "approximately".
final class ItemSize {
    private static final long COLLECTION = 3;
    private static final long ELEMENT = 1;

    private ItemSize() {}

    /// In bytes, with the names of the attributes.
    static long of(Map<String, AttributeValue> item) {
        return item.entrySet().stream()
                .mapToLong(each -> utf8(each.getKey()) + of(each.getValue()))
                .sum();
    }

    private static long of(AttributeValue value) {
        return switch (value.type()) {
            case S -> utf8(value.s());
            case N -> number(value.n());
            case B -> value.b().asByteArrayUnsafe().length;
            case BOOL, NUL -> 1;
            case SS -> value.ss().stream().mapToLong(ItemSize::utf8).sum();
            case NS -> value.ns().stream().mapToLong(ItemSize::number).sum();
            case BS ->
                value.bs().stream()
                        .map(SdkBytes::asByteArrayUnsafe)
                        .mapToLong(bytes -> bytes.length)
                        .sum();
            case L -> COLLECTION + elements(value.l());
            case M ->
                COLLECTION
                        + value.m().keySet().stream().mapToLong(ItemSize::utf8).sum()
                        + elements(value.m().values());
            case UNKNOWN_TO_SDK_VERSION -> throw new IllegalArgumentException("a value of an unknown type");
        };
    }

    private static long elements(Collection<AttributeValue> values) {
        return values.stream().mapToLong(value -> ELEMENT + of(value)).sum();
    }

    private static long utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    /// A byte for two digits, without zeros before and behind, and one more; another one below zero.
    private static long number(String text) {
        BigDecimal number = new BigDecimal(text).stripTrailingZeros();
        int digits = number.signum() == 0 ? 0 : number.precision();
        return Math.ceilDiv(digits, 2) + 1L + (number.signum() < 0 ? 1 : 0);
    }
}
