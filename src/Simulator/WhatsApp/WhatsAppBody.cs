using System.Globalization;
using System.Text.Json.Nodes;

namespace ZohoPlatform.Simulator.WhatsApp;

/// <summary>Who writes, as WhatsApp knows them.</summary>
/// <param name="WaId">Their number's digits; null where it is withheld, as it is of those who have a username.</param>
/// <param name="UserId">Of this business alone: <c>US.</c> and digits.</param>
/// <param name="Name">As they call themselves; null where that is not known.</param>
internal sealed record WhatsAppPerson(string? WaId, string UserId, string? Name);

/// <summary>
/// The bodies of Meta's webhooks (WhatsApp Business Platform, "messages webhook reference" and "status messages"; user ids as since 2026). What is withheld is
/// absent.
/// </summary>
internal static class WhatsAppBody
{
    private const string AccountId = "700000000000001";
    private const string DisplayNumber = "15555550100";

    /// <summary>Of a number's dashboard page.</summary>
    public const string PhoneNumberId = "800000000000001";

    public static string Message(WhatsAppPerson person, string phoneNumberId, string id, string text, DateTimeOffset at)
    {
        var message = new JsonObject
        {
            ["from_user_id"] = person.UserId,
            ["id"] = id,
            ["timestamp"] = Seconds(at),
            ["type"] = "text",
            ["text"] = new JsonObject { ["body"] = text },
        };
        Add(message, "from", person.WaId);
        return Change(person, phoneNumberId, isNamed: true, "messages", message);
    }

    public static string Status(WhatsAppPerson person, string phoneNumberId, string id, WhatsAppStatus status, DateTimeOffset at)
    {
        var told = new JsonObject
        {
            ["id"] = id,
            ["status"] = Word(status),
            ["timestamp"] = Seconds(at),
        };
        Add(told, "recipient_id", person.WaId);
        if (status is WhatsAppStatus.Failed)
        {
            // the recipient's user id is missing then, and so are the contacts
            told["errors"] = new JsonArray(new JsonObject
            {
                ["code"] = 131026,
                ["title"] = "Message undeliverable",
                ["message"] = "Message undeliverable",
                ["error_data"] = new JsonObject { ["details"] = "Message Undeliverable." },
                ["href"] = "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
            });
            return Change(null, phoneNumberId, isNamed: false, "statuses", told);
        }

        told["recipient_user_id"] = person.UserId;
        told["pricing"] = new JsonObject { ["billable"] = false, ["pricing_model"] = "PMP", ["category"] = "service", ["type"] = "free_customer_service" };
        return Change(person, phoneNumberId, isNamed: false, "statuses", told);
    }

    private static string Word(WhatsAppStatus status) => status switch
    {
        WhatsAppStatus.Sent => "sent",
        WhatsAppStatus.Delivered => "delivered",
        WhatsAppStatus.Read => "read",
        WhatsAppStatus.Played => "played",
        WhatsAppStatus.Failed => "failed",
    };

    private static string Change(WhatsAppPerson? person, string phoneNumberId, bool isNamed, string kind, JsonObject told)
    {
        var value = new JsonObject
        {
            ["messaging_product"] = "whatsapp",
            ["metadata"] = new JsonObject { ["display_phone_number"] = DisplayNumber, ["phone_number_id"] = phoneNumberId },
        };
        if (person is not null)
        {
            var contact = new JsonObject { ["user_id"] = person.UserId };
            Add(contact, "wa_id", person.WaId);
            if (isNamed && person.Name is { } name)
            {
                contact["profile"] = new JsonObject { ["name"] = name };
            }

            value["contacts"] = new JsonArray(contact);
        }

        value[kind] = new JsonArray(told);
        return new JsonObject
        {
            ["object"] = "whatsapp_business_account",
            ["entry"] = new JsonArray(new JsonObject
            {
                ["id"] = AccountId,
                ["changes"] = new JsonArray(new JsonObject { ["value"] = value, ["field"] = "messages" }),
            }),
        }.ToJsonString();
    }

    private static void Add(JsonObject to, string name, string? value)
    {
        if (value is not null)
        {
            to[name] = value;
        }
    }

    private static string Seconds(DateTimeOffset at) => at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
}

/// <summary>How far a message came.</summary>
internal enum WhatsAppStatus
{
    Sent,
    Delivered,
    Read,
    Played,
    Failed,
}
