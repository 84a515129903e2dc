using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using DeliveryStatus = ZohoPlatform.Contracts.Messaging.V1.DeliveryStatus;
using ZohoPlatform.MessagingService.WhatsApp;

namespace ZohoPlatform.MessagingService.Tests.WhatsApp;

public sealed class WebhookBodyTests
{
    private static readonly DateTimeOffset Then = DateTimeOffset.FromUnixTimeSeconds(1_790_000_000);

    [Fact]
    public void Metas_own_sample_is_a_message()
    {
        var message = Assert.IsType<InboundMessage>(Assert.Single(Read(Samples.Text).Updates));

        Assert.Equal("wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA=", message.Id);
        Assert.Equal("106540352242922", message.PhoneNumberId);
        Assert.Equal("16505551234", message.WaId);
        Assert.Null(message.UserId);
        Assert.Equal("Sheena Nelson", message.ProfileName);
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1_749_416_383), message.SentAt);
        Assert.Equal(("text", "Does it come in another color?"), (message.Type, message.Text));
        Assert.StartsWith("""{"from":"16505551234","id":"wamid.""", message.Content, StringComparison.Ordinal);
        Assert.EndsWith("""{"body":"Does it come in another color?"}}""", message.Content, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Samples.WithoutNumber)]
    [InlineData(Samples.WithoutNumberInLetters)]
    public void A_person_without_a_number_is_known_by_the_user_id(string body)
    {
        var message = Assert.IsType<InboundMessage>(Assert.Single(Read(body).Updates));

        Assert.Null(message.WaId);
        Assert.Equal(("BR.90000000000000000001", "Zoë", "olá"), (message.UserId, message.ProfileName, message.Text));
        Assert.Contains(body.Contains('\\', StringComparison.Ordinal) ? "ol\\u00e1" : "olá", message.Content, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_of_a_body_come_in_order_with_their_sender()
    {
        var body = Read(Samples.With(
            Samples.Message("text", """ "text":{"body":"one"},"context":{"from":"15550001234","id":"wamid.Q"} """, "wamid.1")
                + "," + Samples.Message("text", """ "text":{"body":"two"},"group_id":"G1" """, "wamid.2"),
            Samples.Status("read", "wamid.3") + "," + Samples.Status("sent", "wamid.4")));

        Assert.Equal((0, 0), (body.Unreadable, body.Ignored));
        Assert.Equal(
            [("wamid.1", "one"), ("wamid.2", "two")],
            body.Updates.OfType<InboundMessage>().Select(message => (message.Id, message.Text)));
        Assert.Equal(
            [("wamid.3", DeliveryStatus.Read), ("wamid.4", DeliveryStatus.Sent)],
            body.Updates.OfType<StatusUpdate>().Select(status => (status.MessageId, status.Status)));
        var first = Assert.IsType<InboundMessage>(body.Updates[0]);
        Assert.Equal(
            ("5511987654321", "BR.1", "BR.ENT.1", "Ana", "ana.555"),
            (first.WaId, first.UserId, first.ParentUserId, first.ProfileName, first.Username));
        Assert.Equal(("wamid.Q", null, Then), (first.ContextId, first.GroupId, first.SentAt));
        Assert.Equal("G1", Assert.IsType<InboundMessage>(body.Updates[1]).GroupId);
    }

    [Fact]
    public void Each_message_has_its_own_sender_of_several()
    {
        var body = Read(Samples.Text
            .Replace(
                "\"contacts\":[",
                """ "contacts":[{"profile":{"name":"Other"},"wa_id":"16505550000","user_id":"US.9"}, """,
                StringComparison.Ordinal)
            .Replace(
                "\"messages\":[",
                """ "messages":[{"from_user_id":"US.9","id":"wamid.O","type":"text"},{"id":"wamid.N","type":"text"}, """,
                StringComparison.Ordinal));

        Assert.Equal(
            [("US.9", "16505550000", "Other"), (null, "16505551234", "Sheena Nelson")],
            body.Updates.OfType<InboundMessage>().Select(message => (message.UserId, message.WaId, message.ProfileName)));
        Assert.Equal(1, body.Unreadable);
    }

    [Theory]
    [InlineData("text", """ "text":{"body":"hello"} """, "hello")]
    [InlineData("text", """ "text":{"body":""} """, "[text]")]
    [InlineData("image", """ "image":{"id":"1","mime_type":"image/jpeg","caption":"the roof"} """, "[image] the roof")]
    [InlineData("video", """ "video":{"id":"1"} """, "[video]")]
    [InlineData("audio", """ "audio":{"id":"1","voice":true} """, "[audio]")]
    [InlineData("sticker", """ "sticker":{"id":"1","animated":false} """, "[sticker]")]
    [InlineData("document", """ "document":{"id":"1","filename":"plan.pdf","caption":"as agreed"} """, "[document] plan.pdf as agreed")]
    [InlineData("button", """ "button":{"payload":"YES_1","text":"Yes"},"context":{"id":"wamid.T"} """, "Yes")]
    [InlineData("interactive", """ "interactive":{"type":"button_reply","button_reply":{"id":"b","title":"Book"}} """, "Book")]
    [InlineData("interactive", """ "interactive":{"type":"list_reply","list_reply":{"title":"Monday","description":"d"}} """, "Monday")]
    [InlineData("interactive", """ "interactive":{"nfm_reply":{"name":"flow","body":"Sent","response_json":"{}"}} """, "Sent")]
    [InlineData(
        "interactive",
        """ "interactive":{"nfm_reply":{"name":"flow","body":"Sent","response_json":"{\"flow_token\":\"unused\",\"screen_0_Rating_0\":\"Excellent\",\"screen_0_Call_me_1\":true,\"days\":[\"Mon\",\"Tue\"],\"n\":3,\"x\":null}"}} """,
        "[form] Rating: Excellent, Call me: true, days: Mon + Tue, n: 3")]
    [InlineData("interactive", """ "interactive":{"nfm_reply":{"name":"flow","body":"Sent","response_json":"nonsense"}} """, "Sent")]
    [InlineData("interactive", """ "interactive":{"nfm_reply":{"name":"flow","response_json":"[1]"}} """, "flow")]
    [InlineData("interactive", """ "interactive":{"type":"new_reply"} """, "[interactive]")]
    [InlineData("reaction", """ "reaction":{"message_id":"wamid.R","emoji":"\ud83d\udc4d"} """, "👍")]
    [InlineData("reaction", """ "reaction":{"message_id":"wamid.R"} """, "[reaction taken back]")]
    [InlineData("location", """ "location":{"latitude":-23.5,"longitude":-46.6,"name":"Office","address":"Rua 1"} """,
        "[location] Office, Rua 1, -23.5,-46.6")]
    [InlineData(
        "contacts",
        """ "contacts":[{"name":{"formatted_name":"Bo"},"phones":[{"phone":"+447700900123"}]},{"name":{"formatted_name":"Cy"}}] """,
        "[contacts] Bo, Cy")]
    [InlineData("order", """ "order":{"text":"please","product_items":[{"quantity":1},{"quantity":2}]} """, "[order] 2 items, please")]
    [InlineData("unsupported", """ "unsupported":{"type":"poll"},"errors":[{"code":131051}] """, "[unsupported] poll")]
    [InlineData("edit", """ "edit":{"message_id":"wamid.E"} """, "[edit]")]
    [InlineData("edit", """ "edit":{"original_message_id":"wamid.E","message":{"type":"image","image":{"id":"1","caption":"a roof"}}} """, "[edited] [image] a roof")]
    [InlineData("edit", """ "edit":{"original_message_id":"wamid.E","message":{"type":"edit","edit":{}}} """, "[edit]")]
    [InlineData("revoke", """ "revoke":{"original_message_id":"wamid.E"} """, "[deleted a message]")]
    [InlineData("hologram", """ "hologram":[1] """, "[hologram]")]
    [InlineData("text", """ "text":"a text and not an object" """, "[text]")]
    public void Every_type_is_something_to_read(string type, string content, string expected)
    {
        var message = Assert.IsType<InboundMessage>(Assert.Single(Read(Samples.With(Samples.Message(type, content))).Updates));

        Assert.Equal((type, expected), (message.Type, message.Text));
    }

    [Fact]
    public void A_reaction_belongs_to_its_message_and_a_shared_number_and_an_advertisement_are_told()
    {
        var body = Read(Samples.With(string.Join(',',
            Samples.Message("reaction", """ "reaction":{"message_id":"wamid.R","emoji":"x"} """),
            Samples.Message("contacts", """ "contacts":[{"origin":"contact_request","phones":[{"phone":"+44 7700 900123"}]}] """),
            Samples.Message("contacts", """ "contacts":[{"origin":"other","phones":[{"phone":"+447700900124"}]}] """),
            Samples.Message("text", """ "referral":{"source_url":"https://fb.me/1","source_id":"12","headline":"Roofs"} """))));

        var messages = body.Updates.Cast<InboundMessage>().ToList();
        Assert.Equal("wamid.R", messages[0].ContextId);
        Assert.Equal(("+44 7700 900123", null), (messages[1].SharedPhone, messages[2].SharedPhone));
        Assert.Equal((null, "Roofs https://fb.me/1"), (messages[2].AdReferral, messages[3].AdReferral));
    }

    [Fact]
    public void A_text_is_cut_between_characters_and_holds_what_postgresql_takes()
    {
        var message = (string body) => Assert.IsType<InboundMessage>(Assert.Single(
            Read(Samples.With(Samples.Message("text", $$""" "text":{"body":"{{body}}"} """))).Updates)).Text;

        Assert.Equal(4_096, message(new string('x', 5_000)).Length);
        Assert.Equal(new string('x', 4_095), message(new string('x', 4_095) + "👍"));
        Assert.Equal("a\uFFFDb", message("a\\ud83db"));
        Assert.Equal("ab", message("a\\u0000b"));
        Assert.Equal("\"\\/\n\t👍é", message("\\\"\\\\\\/\\n\\t\\uD83D\\uDC4D\\u00e9"));
        Assert.Equal("[text]", message("\\u0000"));
    }

    [Fact]
    public void Statuses_say_what_became_of_a_message()
    {
        var body = Read(Samples.With("", string.Join(',',
            Samples.Failed, Samples.Status("played"), Samples.Status("deleted"), Samples.Status("warning"),
            """{"id":"wamid.U","status":"delivered","timestamp":1790000001,"recipient_user_id":"BR.1"}""",
            """{"status":"sent"}""", """{"id":"wamid.V"}""", "7")));

        Assert.Equal((3, 2), (body.Unreadable, body.Ignored));
        var statuses = body.Updates.Cast<StatusUpdate>().ToList();
        Assert.Equal([DeliveryStatus.Failed, DeliveryStatus.Played, DeliveryStatus.Delivered], statuses.Select(status => status.Status));
        Assert.Equal(("131026", "Reasons can include an old version of the app."), (statuses[0].ErrorCode, statuses[0].ErrorText));
        Assert.Equal(("16505551234", null), (statuses[0].RecipientWaId, statuses[0].RecipientUserId));
        Assert.Equal((null, "BR.1", Then.AddSeconds(1)), (statuses[2].RecipientWaId, statuses[2].RecipientUserId, statuses[2].At));
    }

    [Theory]
    [InlineData(
        """ "user_changed_number","wa_id":"5521987654321","user_id":"BR.2","previous_user_id":"BR.1","parent_user_id":"P.2" """,
        "Number", "5521987654321", "BR.2", "BR.1", "P.2")]
    [InlineData(""" "user_changed_user_id","user_id":"BR.222","previous_user_id":"BR.111" """, "UserId", null, "BR.222", "BR.111", null)]
    [InlineData(""" "customer_changed_number","new_wa_id":"5521987654321" """, "Number", "5521987654321", null, null, null)]
    [InlineData(""" "customer_identity_changed","identity":"h" """, "Device", null, null, null, null)]
    public void A_person_goes_on_under_other_ids(
        string told, string kind, string? waId, string? userId, string? previousUserId, string? parentUserId)
    {
        var body = Read($$$"""
            {"object":"whatsapp_business_account","entry":[{"changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"8"},
            "messages":[{"from":"5511987654321","id":"wamid.S","timestamp":"1790000000",
            "type":"system","system":{"body":"...","type":{{{told}}}}}]}}]}]}
            """);

        var change = Assert.IsType<IdentityChange>(Assert.Single(body.Updates));
        Assert.Equal(
            (kind, waId, "5511987654321", userId, previousUserId, parentUserId),
            (change.Kind.ToString(), change.WaId, change.PreviousWaId, change.UserId, change.PreviousUserId, change.ParentUserId));
        Assert.Equal(("8", "wamid.S", Then), (change.PhoneNumberId, change.Id, change.At));
    }

    [Fact]
    public void A_change_of_the_user_id_needs_no_number_and_an_unknown_one_is_kept_as_a_message()
    {
        var body = Read(Samples.With(
            """
            {"id":"wamid.S1","timestamp":"1790000100","type":"system",
            "system":{"type":"user_changed_user_id","body":"...","user_id":"BR.222","previous_user_id":"BR.111"}},
            """
            + Samples.Message("system", """ "system":{"type":"group_renamed","body":"Roofs"} """)));

        Assert.Null(Assert.IsType<IdentityChange>(body.Updates[0]).PreviousWaId);
        Assert.Equal("[system] Roofs", Assert.IsType<InboundMessage>(body.Updates[1]).Text);
    }

    [Fact]
    public void What_is_not_for_this_service_is_counted()
    {
        var echoes = Read(Samples.Text.Replace("\"field\":\"messages\"", "\"field\":\"smb_message_echoes\"", StringComparison.Ordinal));
        Assert.Equal((0, 0, 1), (echoes.Updates.Count, echoes.Unreadable, echoes.Ignored));

        var problem = Read("""
            {"object":"whatsapp_business_account","entry":[{"changes":[{"field":"messages",
            "value":{"metadata":{"phone_number_id":1},"errors":[{"code":130429}]}}]}]}
            """);
        Assert.Equal((0, 0, 1), (problem.Updates.Count, problem.Unreadable, problem.Ignored));

        var empty = Read("""{"object":"whatsapp_business_account","entry":[]}""");
        Assert.Equal((0, 0, 0), (empty.Updates.Count, empty.Unreadable, empty.Ignored));
    }

    [Fact]
    public void One_that_cannot_be_read_takes_no_other_with_it()
    {
        var good = Samples.Message("text", """ "text":{"body":"good"} """);
        var body = Read(Samples.With(string.Join(',',
            "null", "[]", "{}", """{"id":{},"from":"1"}""", $$"""{"id":"{{new string('x', 300)}}","from":"1","type":"text"}""", good,
            """{"id":"wamid.X","from":5511987654321,"timestamp":1790000000,"type":7,"text":[]}""",
            """{"id":"wamid.Y","from":"5511987654321","timestamp":"yesterday"}""",
            """{"id":"wamid.Z","from":"5511987654321","timestamp":-1e99,"type":"text","text":{"body":5}}""")));

        Assert.Equal(5, body.Unreadable);
        Assert.Equal(
            [("text", "good", Then), ("7", "[7]", Then), ("unknown", "[unknown]", null), ("text", "5", (DateTimeOffset?)null)],
            body.Updates.Cast<InboundMessage>().Select(message => (message.Type, message.Text, message.SentAt)));

        Assert.Equal(3, Read("""
            {"object":"whatsapp_business_account","entry":[7,{"id":"1"},{"changes":[null]}]}
            """).Unreadable);
    }

    [Theory]
    [InlineData("\"1790000000\"", true)]
    [InlineData("1790000000", true)]
    [InlineData("1790000000.5", false)]
    [InlineData("\"1790000000000\"", false)]
    [InlineData("99999999999999999", false)]
    [InlineData("\"-1790000000\"", false)]
    [InlineData("0", false)]
    [InlineData("\" 1790000000\"", false)]
    [InlineData("null", false)]
    public void A_moment_that_makes_no_sense_is_left_to_the_arrival(string timestamp, bool isMoment)
    {
        var body = Read(Samples.With($$"""{"from":"5511987654321","id":"wamid.M","timestamp":{{timestamp}},"type":"text"}"""));

        Assert.Equal(isMoment ? Then : null, Assert.IsType<InboundMessage>(Assert.Single(body.Updates)).SentAt);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"whatsapp_business_account\"")]
    [InlineData("{}")]
    [InlineData("""{"object":"page","entry":[]}""")]
    [InlineData("""{"object":{},"entry":[]}""")]
    [InlineData("""{"object":"whatsapp_business_account","entry":[]""")]
    public void What_is_no_body_of_whatsapp_is_none(string body) => Assert.Null(WebhookBody.Read(Encoding.UTF8.GetBytes(body)));

    [Fact]
    public void Depth_and_bytes_that_are_no_text_do_no_harm()
    {
        Assert.Null(WebhookBody.Read(Encoding.UTF8.GetBytes(
            $$"""{"object":"whatsapp_business_account","entry":{{new string('[', 100_000)}}{{new string(']', 100_000)}}}""")));

        var bytes = Encoding.UTF8.GetBytes(Samples.With(Samples.Message("text", """ "text":{"body":"a#b"} """)));
        bytes[bytes.AsSpan().IndexOf("#"u8)] = 0xFF;
        var message = Assert.IsType<InboundMessage>(Assert.Single(WebhookBody.Read(bytes)!.Updates));
        Assert.Equal("a\uFFFDb", message.Text);
        Assert.Contains("a\uFFFDb", message.Content, StringComparison.Ordinal);

        var named = Samples.Message("text", """ "\ud800":1,"text":{"\ud800":1,"body":"hi","\udc00":{}} """);
        Assert.Equal("hi", Assert.IsType<InboundMessage>(Assert.Single(Read(Samples.With(named)).Updates)).Text);
    }

    [Fact]
    public void A_full_body_is_read_whole()
    {
        var words = $$""" "text":{"body":"{{new string('x', 2_500)}}"} """;
        var messages = string.Join(',', Enumerable.Range(0, 1_000).Select(number => Samples.Message("text", words, Id(number))));

        var body = Read(Samples.With(messages));

        Assert.Equal(1_000, body.Updates.Count);
        Assert.Equal("wamid.999", Assert.IsType<InboundMessage>(body.Updates[^1]).Id);

        static string Id(int number) => string.Create(CultureInfo.InvariantCulture, $"wamid.{number}");
    }

    [Fact]
    public void Nothing_makes_it_throw()
    {
        string[] samples =
        [
            Samples.Text, Samples.WithoutNumber,
            Samples.With(
                string.Join(',',
                    Samples.Message("contacts", """ "contacts":[{"name":{},"origin":"contact_request","phones":[{"phone":"1"}]}] """),
                    Samples.Message("text", """ "text":{"body":"t"},"referral":{"headline":"h"} """),
                    Samples.Message("order", """ "order":{"product_items":[{}],"text":"t"},"context":{"id":"c"} """),
                    Samples.Message("interactive", """ "interactive":{"button_reply":{"title":"t"}} """),
                    Samples.Message("reaction", """ "reaction":{"message_id":"m","emoji":"e"} """),
                    Samples.Message("system", """ "system":{"type":"user_changed_number","wa_id":"1"} """)),
                Samples.Failed + "," + Samples.Status("read")),
        ];

        // another value in any place, cut at any byte, or another byte anywhere
        Prop.ForAll(
            Arb.From(Gen.Elements(samples)), Arb.From(Gen.Choose(0, 100_000)),
            Arb.From(Gen.Elements(
                "null", "7", "-1e400", "\"\"", "\"x\"", "[]", "[[]]", "{}", "true", "[null,7,{}]",
                """ "\ud800" """, """ "\u0000" """, """ {"\ud800":1,"\udc00\ud800":{}} """)),
            (sample, place, value) =>
            {
                var swapped = JsonNode.Parse(sample)!;
                var nodes = Below(swapped).ToList();
                nodes[place % nodes.Count].ReplaceWith("here");
                var changed = swapped.ToJsonString().Replace("\"here\"", value, StringComparison.Ordinal);
                Assert.True(WebhookBody.Read(Encoding.UTF8.GetBytes(changed)) is null or { Updates.Count: <= 8 });

                var bytes = Encoding.UTF8.GetBytes(sample);
                Assert.Null(WebhookBody.Read(bytes.AsMemory(0, place % bytes.Length)));
                bytes[place % bytes.Length] = (byte)(place / 7);
                _ = WebhookBody.Read(bytes);
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

        static IEnumerable<JsonNode> Below(JsonNode node)
        {
            var children = node switch
            {
                JsonObject named => named.Select(pair => pair.Value),
                JsonArray list => list,
                _ => [],
            };
            return children.OfType<JsonNode>().SelectMany(child => Below(child).Prepend(child));
        }
    }

    private static WebhookBody Read(string body)
    {
        using (JsonDocument.Parse(body))
        {
            return WebhookBody.Read(Encoding.UTF8.GetBytes(body)) ?? throw new InvalidOperationException("No body of WhatsApp.");
        }
    }
}
