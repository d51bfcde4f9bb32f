package io.topicstream.gateway.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonLocationTest {
    private static final JsonBody BODY = JsonBody.of("{\"a\":{\"b\":[1,{\"c\":\"x\"},null],\"n\":null,\"it's\":4},"
            + "\"items\":[{\"id\":1,\"v\":\"one\"},{\"id\":2,\"v\":\"two\"}]}");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "a.b[0]|1",
                "$.a.b[1].c|x",
                "$.a.b[-1]|null",
                "a.n|null",
                "$.a['b'][0]|1",
                "['a']['b'][0]|1",
                "$.items[?(@.id==2)].v|[\"two\"]",
                "$..id|[1,2]",
                "$.items.length()|2",
                "$.items[*].v|[\"one\",\"two\"]"
            })
    void pathsFindWhatTheyName(String path, String found) {
        assertThat(BODY.at(JsonLocation.parse(path)).exists()).isTrue();
        assertThat(BODY.at(JsonLocation.parse(path)).text()).isEqualTo(found);
    }

    @ParameterizedTest
    @ValueSource(strings = {"b", "a.b.c", "$.a.b[7]", "a.n.x", "$.items[0].nope", "a.b[0].c"})
    void whereThereIsNoSuchPlaceThereIsNothing(String path) {
        assertThat(BODY.at(JsonLocation.parse(path)).exists()).isFalse();
        assertThat(BODY.at(JsonLocation.parse(path)).text()).isEmpty();
    }

    @Test
    void ofWhatIsNotJsonThereIsNothing() {
        assertThat(JsonBody.of("hello").at(JsonLocation.parse("$")).exists()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"$.a[", "$.a[?(", "$.a[?(@.x =~ /(a+)+$/)]"})
    void whatIsNoPathIsRefused(String path) {
        assertThatThrownBy(() -> JsonLocation.parse(path)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aPathThatLooksAtTooMuchFindsNothing() {
        JsonBody wide = JsonBody.of("[" + "[1,2,3,4,5,6,7,8,9,0],".repeat(5_000) + "0]");

        assertThat(wide.at(JsonLocation.parse("$..*")).exists()).isTrue();
        assertThat(wide.at(JsonLocation.parse("$..*..*..*")).exists()).isTrue();
        JsonBody deep = JsonBody.of("[".repeat(390) + "]".repeat(390));
        assertThat(deep.at(JsonLocation.parse("$..*..*..*..*..*")).exists()).isFalse();
    }

    @Test
    void aPathOfTooManyCharactersIsRefused() {
        String names = "a.".repeat(2_046);

        assertThat(JsonLocation.parse("$." + names + "aa").path()).hasSize(4_096);
        assertThatThrownBy(() -> JsonLocation.parse("$." + names + "aaa")).isInstanceOf(IllegalArgumentException.class);
    }
}
