using System.Globalization;

namespace ZohoPlatform.Providers.Zoho.Crm;

/// <summary>Times as Zoho CRM writes them: <c>2026-03-04T08:15:00+03:00</c>, in the zone of the organisation or user. Two of them are
/// compared as instants and never as text.</summary>
public static class CrmTimes
{
    private const string Form = "yyyy-MM-dd'T'HH:mm:sszzz";

    private static readonly string[] Forms = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    /// <summary>Whole seconds, with the offset that <paramref name="time"/> has.</summary>
    public static string Write(DateTimeOffset time) => time.ToString(Form, CultureInfo.InvariantCulture);

    /// <summary>Keeps the offset; null for anything else.</summary>
    public static DateTimeOffset? Read(string? text) =>
        DateTimeOffset.TryParseExact(text, Forms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    /// <summary><c>2026-03-04</c>.</summary>
    public static string Write(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
