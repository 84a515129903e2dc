using System.Text.Json;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Providers.Zoho.Crm;

/// <summary>A note to be written; what is longer than Zoho takes is cut.</summary>
/// <param name="Title">Up to 120 characters; may be empty.</param>
/// <param name="Content">Plain text, up to 32,000 characters; links in it are found by Zoho.</param>
public sealed record CrmNoteDraft(string Title, string Content)
{
    /// <summary>Zoho CRM, "Notes".</summary>
    public const int LongestTitle = 120;

    /// <summary>Newer organisations take 65,535, older ones are known by this.</summary>
    public const int LongestContent = 32_000;

    internal string CutTitle => ShownText.Cut(Title, LongestTitle);

    internal string CutContent => ShownText.Cut(Content, LongestContent);
}

/// <summary>A note of a record.</summary>
/// <param name="Id">Digits.</param>
/// <param name="Title">Null where it has none.</param>
/// <param name="Content">Null where it has none.</param>
/// <param name="CreatedTime">When it was written.</param>
/// <param name="ModifiedTime">When it was last changed.</param>
public sealed record CrmNote(string Id, string? Title, string? Content, DateTimeOffset? CreatedTime, DateTimeOffset? ModifiedTime)
{
    internal static CrmNote? Read(JsonElement entry) => CrmRecord.Read(entry) is { } note
        ? new CrmNote(note.Id, note.Text("Note_Title"), note.Text("Note_Content"), note.CreatedTime, note.ModifiedTime)
        : null;
}

/// <summary>One page of notes.</summary>
/// <param name="Notes">By the time at which they were written, the oldest first.</param>
/// <param name="NextPage">The number of the next page; null at the end.</param>
public sealed record CrmNotePage(IReadOnlyList<CrmNote> Notes, int? NextPage);
