package io.topicstream.gateway.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.expression.ContextVariables;
import io.topicstream.gateway.expression.Events;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What templates make of an event, as API Gateway's documents and public templates have it.
class TemplatesTest {
    private static final Templates TEMPLATES = new Templates(MappingLimits.DEFAULT);

    private static final GatewayEvent MESSAGE = Events.message("{\"action\":\"join\",\"text\":\"it's \\\"so\\\"/é\\n\","
            + "\"n\":null,\"price\":249.99,\"list\":[1,{\"a\":\"b\"},\"c\"],\"deep\":{\"er\":{\"x\":true}}}");

    private static String render(String template, GatewayEvent event) {
        return TEMPLATES.render(TEMPLATES.parse(template, "T"), event, ContextVariables.of(event), event.json());
    }

    private static String render(String template) {
        return render(template, MESSAGE);
    }

    @Test
    @DisplayName("94: $input.body is the message as it came")
    void inputBody() {
        assertThat(render("$input.body")).isEqualTo(MESSAGE.body());
        assertThat(render("$input.body", Events.message("hello"))).isEqualTo("hello");
        assertThat(render("[$input.body]", Events.connect())).isEqualTo("[]");
    }

    @ParameterizedTest
    @DisplayName("94: $input.json gives JSON")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "$.action|\"join\"",
                "$.price|249.99",
                "$.list|[1,{\"a\":\"b\"},\"c\"]",
                "$.deep|{\"er\":{\"x\":true}}",
                "$.deep.er.x|true",
                "$.n|null",
                "$.list[1].a|\"b\"",
                "$..a|[\"b\"]",
                "$.nope|\"\""
            })
    void inputJson(String path, String json) {
        assertThat(render("$input.json('" + path + "')")).isEqualTo(json);
    }

    @Test
    @DisplayName("94: $input.path gives values to walk through")
    void inputPath() {
        assertThat(render("$input.path('$.action') $input.path('$.deep').er.x $input.path('$').list[1].a"))
                .isEqualTo("join true b");
        assertThat(render("$input.path('$.list').size() $input.path('$.list').count()"))
                .isEqualTo("3 3");
        assertThat(render("#foreach($e in $input.path('$.list'))$foreach.index:$e#if($foreach.hasNext),#end#end"))
                .isEqualTo("0:1,1:{a=b},2:c");
        assertThat(render("#set($id='b')$input.path(\"$.list[?(@.a=='$id')]\")"))
                .isEqualTo("[{\"a\":\"b\"}]");
    }

    @Test
    void objectsPrintAsJavaHasThemAndArraysAsJson() {
        assertThat(render("$input.path('$.deep') $input.path('$.list')"))
                .isEqualTo("{er={x=true}} [1,{\"a\":\"b\"},\"c\"]");
    }

    @Test
    void aTemplateMayChangeWhatItSeesAndNobodyElseSeesIt() {
        String template = "#set($root=$input.path('$.deep'))#set($root.new='v')$input.json('$.deep')";

        assertThat(render(template)).isEqualTo("{\"er\":{\"x\":true},\"new\":\"v\"}");
        assertThat(render("$input.json('$.deep')")).isEqualTo("{\"er\":{\"x\":true}}");
    }

    @Test
    void aBodyThatIsNotJsonIsATextAndNoneIsAnEmptyObject() {
        assertThat(render("$input.json('$') $input.path('$') $input.json('$.a')", Events.message("a \"b\"")))
                .isEqualTo("\"a \\\"b\\\"\" a \"b\" \"\"");
        assertThat(render("$input.json('$') [$input.path('$.a')]", Events.connect()))
                .isEqualTo("{} []");
    }

    @Test
    @DisplayName("94: $input.params has the handshake's query and header fields")
    void inputParams() {
        assertThat(render("$input.params('authToken') $input.params('x-tag') [$input.params('no')]", Events.connect()))
                .isEqualTo("new one []");
        assertThat(render(
                        "$input.params().querystring.authToken $input.params().header.get('X-Api-Key')",
                        Events.connect()))
                .isEqualTo("new k-1");
        assertThat(render("#foreach($k in $input.params().keySet())$k #end", Events.connect()))
                .isEqualTo("path querystring header ");
        assertThat(render("[$input.params('authToken')]")).isEqualTo("[]");
    }

    @Test
    @DisplayName("94: $context has what is known of the event")
    void context() {
        assertThat(render("$context.connectionId ${context.stage} $context.routeKey $context.connectedAt "
                        + "$context.authorizer.k $context.identity.sourceIp [$context.nope] $context.eventType"))
                .isEqualTo("gbgHN0-zjQAYKEjhgA== dev join 1700000000123 value 192.0.2.7 [] MESSAGE");
    }

    @Test
    @DisplayName("94: $stageVariables in all three notations")
    void stageVariables() {
        assertThat(render("$stageVariables.x|$stageVariables['x']|${stageVariables['x']}|[$stageVariables.nope]"))
                .isEqualTo("of the stage|of the stage|of the stage|[]");
    }

    @Test
    @DisplayName("94: $util's functions")
    void util() {
        assertThat(render("$util.escapeJavaScript($input.path('$.text'))")).isEqualTo("it\\'s \\\"so\\\"\\/\\u00E9\\n");
        assertThat(render("$util.escapeJavaScript($input.path('$.text')).replaceAll(\"\\\\'\",\"'\")"))
                .isEqualTo("it's \\\"so\\\"\\/\\u00E9\\n");
        assertThat(render("$util.urlEncode('a b&c/ä') $util.urlDecode('a+b%26')"))
                .isEqualTo("a+b%26c%2F%C3%A4 a b&");
        assertThat(render("$util.base64Encode('hi ä') $util.base64Decode('aGkgw6Q=')"))
                .isEqualTo("aGkgw6Q= hi ä");
        assertThat(render("[$util.escapeJavaScript($input.path('$.nope'))]")).isEqualTo("[]");
    }

    @Test
    @DisplayName("94: $util.parseJson, as the documents show it")
    void parseJson() {
        GatewayEvent event = Events.message(
                "{\"errorMessage\":\"{\\\"key1\\\":\\\"var1\\\"," + "\\\"key2\\\":{\\\"arr\\\":[1,2,3]}}\"}");

        assertThat(render("""
                        #set ($errorMessageObj = $util.parseJson($input.path('$.errorMessage')))
                        {
                           "errorMessageObjKey2ArrVal" : $errorMessageObj.key2.arr[0]
                        }
                        """, event)).isEqualTo("""
                        {
                           "errorMessageObjKey2ArrVal" : 1
                        }
                        """);
        assertThatThrownBy(() -> render("$util.parseJson('{')")).isInstanceOf(TemplateFailure.class);
    }

    @Test
    void whitespaceIsKeptAsInVelocity17() {
        // A directive that stands alone takes its line's end with it, but not what stands before it.
        assertThat(render("{\n  #set($x = 1)\n  \"a\": $x\n}")).isEqualTo("{\n    \"a\": 1\n}");
        assertThat(render("a\n#if(true)\n  b\n#end\nc")).isEqualTo("a\n  b\nc");
        assertThat(render("[#foreach($i in [1..3])\n  $i\n#end]")).isEqualTo("[  1\n  2\n  3\n]");
        assertThat(render("## comment\nx")).isEqualTo("x");
    }

    @Test
    void theRestIsAsInVelocity17Too() {
        assertThat(render("#set($a-b = 'hyphen')$a-b")).isEqualTo("hyphen");
        assertThat(render("#set($x = 5)#set($x = $nothing)$x")).isEqualTo("5");
        assertThat(render("#if(\"\")yes#{else}no#end #if([])yes#{else}no#end #if($nothing)yes#{else}no#end"))
                .isEqualTo("yes yes no");
        assertThat(render("#foreach($i in ['a','b'])$velocityCount$i#if($velocityHasNext),#end#end"))
                .isEqualTo("1a,2b");
        assertThat(render("#foreach($i in [1..5])#if($i == 3)$foreach.stop()#end$i#end"))
                .isEqualTo("12");
        assertThat(render("#foreach($v in $context.identity)$v #end")).contains("192.0.2.7");
        assertThat(render("#macro(hi $n)Hi $n!#end#hi('x')#hi(\"y\")")).isEqualTo("Hi x!Hi y!");
        assertThat(render("#define($block)<$n>#end#set($n=1)$block")).isEqualTo("<1>");
        assertThat(render("#[[ $raw ]]# \\$action")).isEqualTo(" $raw  \\$action");
    }

    @Test
    void aMemberThatIsNullIsNothingInALoop() {
        GatewayEvent event = Events.message("{\"l\":[1,null,2]}");

        assertThat(render("#foreach($e in $input.path('$.l'))[$e]#end", event)).isEqualTo("[1][][2]");
    }

    @Test
    void whatIsNothingPrintsNothing() {
        assertThat(render("[$undefined][$!quiet][${undefined.x}][$input.path('$.nope').x][$input.nope()]"))
                .isEqualTo("[][][][][]");
    }

    @Test
    void aLoopEndsAfterAThousandTurns() {
        assertThat(render("#foreach($i in [1..1000])x#end")).hasSize(1_000);
        assertThat(render("#foreach($i in [1..1001])x#end")).hasSize(1_000);
    }

    @Test
    void valuesHaveTheirUsualMethods() {
        assertThat(render("#set($s=' aXb ')$s.trim().toUpperCase() $s.length() $s.replace('a','b').split('X')[1] "
                        + "$s.contains('X') $s.indexOf('X') $s.substring(1,3) $s.matches('.*X.*') $s.equals('q')"))
                .isEqualTo("AXB 5 b  true 2 aX true false");
        assertThat(render("#set($m={'a':1})#set($q=$m.put('b',2))$m.keySet() $m.size() $m.containsKey('c') "
                        + "$m.get('b') #foreach($e in $m.entrySet())$e.key=$e.value#end $m.isEmpty()"))
                .isEqualTo("[a, b] 2 false 2 a=1b=2 false");
        assertThat(render("#set($l=[])#set($q=$l.add('x'))#set($q=$l.addAll(['y']))$l.get(1) $l.size() "
                        + "$l.contains('x') $l.isEmpty() #set($l[0]='z')$l[0]"))
                .isEqualTo("y 2 true falsez");
        // A space between a reference and a #set goes with the #set.
        assertThat(render("#set($i=0)$i.parseInt('12') #set($j=$i.parseInt('3')+4)$j #set($k = 7 / 2)$k"))
                .isEqualTo("1273");
        assertThat(render("$input.path('$.list').class.name $input.path('$.deep').class.name "
                        + "$input.path('$.action').getClass().getName()"))
                .isEqualTo("net.minidev.json.JSONArray java.util.LinkedHashMap java.lang.String");
    }

    @Test
    void manyThreadsRenderOneTemplateEachForItself() throws Exception {
        var template = TEMPLATES.parse(
                "#macro(m $v)<$v>#end#set($v=$input.path('$.v'))#foreach($i in [1..50])#m($v)#end", "T");
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Callable<String>> work = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                GatewayEvent event = Events.message("{\"v\":" + i + "}");
                work.add(() -> TEMPLATES.render(template, event, ContextVariables.of(event), event.json()));
            }

            List<Future<String>> results = threads.invokeAll(work);

            for (int i = 0; i < results.size(); i++) {
                assertThat(results.get(i).get()).isEqualTo(("<" + i + ">").repeat(50));
            }
        }
    }
}
