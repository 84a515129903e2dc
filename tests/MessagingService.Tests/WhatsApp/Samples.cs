namespace ZohoPlatform.MessagingService.Tests.WhatsApp;

/// <summary>Bodies as Meta writes them, with its own sample values or invented ones.</summary>
internal static class Samples
{
    /// <summary>From a person who shares no number: no wa_id, no from. Signed in <see cref="MetaSignatureTests"/>: byte for byte.</summary>
    public const string WithoutNumber =
        """{"object":"whatsapp_business_account","entry":[{"id":"700000000000001","changes":["""
        + """{"field":"messages","value":{"messaging_product":"whatsapp","metadata":"""
        + """{"display_phone_number":"15550001234","phone_number_id":"800000000000002"},"contacts":["""
        + """{"profile":{"name":"Zo\u00eb"},"user_id":"BR.90000000000000000001"}],"messages":["""
        + """{"from_user_id":"BR.90000000000000000001","id":"wamid.DEMO1","timestamp":"1790000000","type":"text","text":"""
        + """{"body":"ol\u00e1"}}]}}]}]}""";

    /// <summary>The same, as something that reads and writes JSON on the way would make it.</summary>
    public const string WithoutNumberInLetters =
        """{"object":"whatsapp_business_account","entry":[{"id":"700000000000001","changes":["""
        + """{"field":"messages","value":{"messaging_product":"whatsapp","metadata":"""
        + """{"display_phone_number":"15550001234","phone_number_id":"800000000000002"},"contacts":["""
        + """{"profile":{"name":"Zoë"},"user_id":"BR.90000000000000000001"}],"messages":["""
        + """{"from_user_id":"BR.90000000000000000001","id":"wamid.DEMO1","timestamp":"1790000000","type":"text","text":"""
        + """{"body":"olá"}}]}}]}]}""";

    /// <summary>Meta's own sample.</summary>
    public const string Text = """
        {"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":{"messaging_product":"whatsapp",
        "metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},
        "contacts":[{"profile":{"name":"Sheena Nelson"},"wa_id":"16505551234"}],
        "messages":[{"from":"16505551234","id":"wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA=",
        "timestamp":"1749416383","type":"text","text":{"body":"Does it come in another color?"}}]},"field":"messages"}]}]}
        """;

    /// <summary>Meta's own sample of a status.</summary>
    public const string Failed = """
        {"id":"wamid.F","status":"failed","timestamp":"1749416400","recipient_id":"16505551234",
        "conversation":{"id":"c","expiration_timestamp":"1749420000","origin":{"type":"service"}},
        "pricing":{"billable":true,"pricing_model":"PMP","category":"service","type":"regular"},
        "errors":[{"code":131026,"title":"Message undeliverable","message":"Message undeliverable",
        "error_data":{"details":"Reasons can include an old version of the app."},"href":"https://developers.facebook.com/"}],
        "biz_opaque_callback_data":"..."}
        """;

    /// <summary>A body with these messages, from a person with a number, an id and a username; and with these statuses.</summary>
    public static string With(string messages = "", string statuses = "") => $$"""
        {"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"messaging_product":"whatsapp",
        "metadata":{"display_phone_number":"15550001234","phone_number_id":"800000000000002"},
        "contacts":[{"profile":{"name":"Ana","username":"ana.555"},"wa_id":"5511987654321","user_id":"BR.1","parent_user_id":"BR.ENT.1"}],
        "messages":[{{messages}}],"statuses":[{{statuses}}]} }]}]}
        """;

    /// <summary>A message of this type from that person.</summary>
    public static string Message(string type, string content, string id = "wamid.M") => $$"""
        {"from":"5511987654321","from_user_id":"BR.1","id":"{{id}}","timestamp":"1790000000","type":"{{type}}",{{content}} }
        """;

    public static string Status(string word, string id = "wamid.S") => $$"""
        {"id":"{{id}}","status":"{{word}}","timestamp":"1790000001","recipient_id":"5511987654321","recipient_user_id":"BR.1"}
        """;
}
