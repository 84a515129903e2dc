using System.Text.Json.Nodes;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.Zoho.Crm;

public sealed partial class CrmClient
{
    private const string NoteTitle = "Note_Title";
    private const string NoteContent = "Note_Content";

    /// <summary>
    /// Writes 1 to <see cref="BatchSize"/> notes to one record. Each is refused as <see cref="CrmCodeClass.Gone"/> where the record is not
    /// there. Never repeated: where no answer came it is <c>zoho_outcome_unknown</c>, and a mark of one's own in the text tells whether
    /// they are there.
    /// </summary>
    public Task<Result<CrmWritten[]>> CreateNotesAsync(
        ProviderCall call, string module, string recordId, IReadOnlyList<CrmNoteDraft> notes, CancellationToken cancellationToken)
    {
        var asked = Of(CrmMethods.CreateNotes, module, [.. notes.Select(NoteOf)], runsWorkflows: true);
        return WriteAsync(call, asked with { Id = CrmIds.Checked(recordId) }, CrmAction.Inserted, cancellationToken);
    }

    /// <summary>The same for 1 to <see cref="BatchSize"/> notes of several records, each with where it belongs, in one call.</summary>
    public Task<Result<CrmWritten[]>> CreateNotesAsync(
        ProviderCall call, IReadOnlyList<(string Module, string RecordId, CrmNoteDraft Note)> notes, CancellationToken cancellationToken)
    {
        var records = notes.Select(one =>
        {
            var note = NoteOf(one.Note);
            note["Parent_Id"] = new JsonObject
            {
                ["module"] = new JsonObject { ["api_name"] = CrmNames.Checked(one.Module) },
                [Id] = CrmIds.Checked(one.RecordId),
            };
            return note;
        });
        return WriteAsync(call, Of(CrmMethods.CreateNotesOfMany, "Notes", [.. records], runsWorkflows: true), CrmAction.Inserted, cancellationToken);
    }

    /// <summary>
    /// Changes title and content of 1 to <see cref="BatchSize"/> notes; the record that one belongs to cannot be changed. Each is refused as
    /// <see cref="CrmCodeClass.Gone"/> where it is not there.
    /// </summary>
    public Task<Result<CrmWritten[]>> UpdateNotesAsync(
        ProviderCall call, IReadOnlyList<(string NoteId, CrmNoteDraft Note)> notes, CancellationToken cancellationToken)
    {
        var changed = notes.Select(one =>
        {
            var note = NoteOf(one.Note);
            note[Id] = CrmIds.Checked(one.NoteId);
            return note;
        });
        return WriteAsync(call, Of(CrmMethods.UpdateNotes, "Notes", [.. changed], runsWorkflows: true), CrmAction.Updated, cancellationToken);
    }

    /// <summary>Deletes 1 to <see cref="BatchSize"/> notes; nothing tells later that they were there.</summary>
    public Task<Result<CrmWritten[]>> DeleteNotesAsync(
        ProviderCall call, IReadOnlyList<string> noteIds, CancellationToken cancellationToken) => WriteAsync(
        call,
        new CrmRequest(CrmMethods.DeleteNotes) { Query = [("ids", CrmIds.Joined(noteIds, BatchSize))], Size = noteIds.Count },
        CrmAction.Deleted,
        cancellationToken);

    /// <summary>
    /// One page of a record's notes; <c>record_gone</c> where the record is not there. Zoho tells nobody that a note changed: who wants to
    /// know reads them again.
    /// </summary>
    public async Task<Result<CrmNotePage>> ListNotesAsync(
        ProviderCall call, string module, string recordId, int page, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(page, 1);
        var asked = new CrmRequest(CrmMethods.ListNotes)
        {
            Module = module,
            Id = CrmIds.Checked(recordId),
            Query =
            [
                ("fields", $"{Id},{NoteTitle},{NoteContent},Created_Time,{ModifiedTime}"),
                ("page", Text(page)),
                ("per_page", Text(PageSize)),
            ],
        };
        if (!(await AskAsync(call, asked, cancellationToken)).Succeeded(out var answer, out var failure))
        {
            return failure;
        }

        return answer.Root is not { } root ? new CrmNotePage([], null)
            : answer.Entries("data") is { } entries ? new CrmNotePage(
                // in which order they come is a setting of the token's user
                [.. entries.Select(CrmNote.Read).OfType<CrmNote>().OrderBy(note => note.CreatedTime)], HasMore(root) ? page + 1 : null)
            : CrmFailures.BadAnswer;
    }

    private static JsonObject NoteOf(CrmNoteDraft note) => note.Title.Length > 0
        ? new JsonObject { [NoteTitle] = note.CutTitle, [NoteContent] = note.CutContent }
        : new JsonObject { [NoteContent] = note.CutContent };
}
