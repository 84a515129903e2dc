using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace ZohoPlatform.Simulator.Campaigns;

/// <summary>An answer of the Campaigns API before it is written as JSON or XML, and the word the counters keep.</summary>
internal sealed record CampaignsAnswer(JsonObject Body, string Outcome, int Status = StatusCodes.Status200OK)
{
    private static readonly JsonSerializerOptions Unescaped = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static CampaignsAnswer Success(string uri, string message) => new(Envelope(uri, message, "success", "0"), "success");

    public static CampaignsAnswer Error(string uri, string code, string message) => new(Envelope(uri, message, "error", code), code);

    /// <summary>A token missing, expired or of another data centre: HTTP 401 with capital <c>URI</c> and <c>Code</c>, as recorded.</summary>
    public static CampaignsAnswer Unauthorized(string uri) => new(
        new()
        {
            ["message"] = "Unauthorized request.",
            ["version"] = "1.1",
            ["URI"] = uri,
            ["Code"] = "1007",
            ["status"] = "error",
        },
        "unauthorized",
        StatusCodes.Status401Unauthorized);

    public string ToJson() => Body.ToJsonString(Unescaped);

    public string ToXml()
    {
        var root = new XElement("response");
        foreach (var (name, value) in Body)
        {
            if (name.ToLowerInvariant() is "uri" or "version")
            {
                root.Add(new XAttribute(name.ToLowerInvariant(), value!.ToString()));
            }
            else
            {
                Add(root, name, value);
            }
        }

        return $"""<?xml version="1.0" encoding="UTF-8" ?>{root.ToString(SaveOptions.DisableFormatting)}""";
    }

    private static JsonObject Envelope(string uri, string message, string status, string code) => new()
    {
        ["message"] = message,
        ["status"] = status,
        ["code"] = code,
        ["uri"] = uri,
        ["version"] = "1.1",
    };

    private static void Add(XElement parent, string name, JsonNode? value)
    {
        switch (value)
        {
            case JsonArray array:
                foreach (var item in array)
                {
                    Add(parent, name, item);
                }

                break;
            case JsonObject nested:
                var element = new XElement(XmlName(name));
                parent.Add(element);
                foreach (var (inner, innerValue) in nested)
                {
                    Add(element, inner, innerValue);
                }

                break;
            default:
                parent.Add(new XElement(XmlName(name), value?.ToString()));
                break;
        }
    }

    private static string XmlName(string name) => System.Xml.XmlConvert.EncodeLocalName(name)!;
}
