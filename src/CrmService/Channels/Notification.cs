using System.Text.Json;

namespace ZohoPlatform.CrmService.Channels;

/// <summary>
/// What Zoho CRM tells (Zoho CRM, "Notifications", and recorded bodies): in which module which records were made, changed or deleted. What they are
/// now is not in it.
/// </summary>
/// <param name="Module">By its API name.</param>
/// <param name="Ids">Of the records.</param>
/// <param name="Token">The channel's, which nobody else knows. A secret.</param>
internal sealed record Notification(string Module, IReadOnlyList<string> Ids, string Token)
{
    private const int MostIds = 10_000;

    // the token is a secret
    public override string ToString() => $"notification of {Ids.Count} in {Module}";

    /// <summary>Null where it is none.</summary>
    public static Notification? Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            return root.ValueKind is JsonValueKind.Object
                && Text(root, "module") is { Length: > 0 } module
                && Text(root, "token") is { Length: > 0 } token
                && root.TryGetProperty("ids", out var ids) && ids.ValueKind is JsonValueKind.Array && ids.GetArrayLength() <= MostIds
                    ? new Notification(module, [.. ids.EnumerateArray().Select(id => id.ToString()).Where(IsId)], token)
                    : null;
        }
        // half of a pair of characters is JSON, and no text
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    private static bool IsId(string text) => text.Length is > 0 and <= 20 && text.All(char.IsAsciiDigit);
}
